//! Paths in texts.

use std::sync::Arc;

/// A text with every word that may be a path given to `name`, and replaced by what it answers.
pub(crate) fn replaced(text: &str, name: &impl Fn(&Arc<str>) -> Arc<str>) -> String {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_inside) {
        let end = rest[start..].find(|c| !is_inside(c)).map_or(rest.len(), |end| start + end);
        out.push_str(&rest[..start]);
        out.push_str(&name(&rest[start..end].into()));
        rest = &rest[end..];
    }
    out + rest
}
