//! Paths and places as the protocol has them.

use crate::ide::{Change, Location, World};
use crate::source::LineIndex;
use gen_lsp_types as lsp;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units: what holds unless something else is agreed upon.
    #[default]
    Utf16,
}

/// A text with its lines, to convert places.
pub struct Ruler<'t> {
    text: &'t str,
    lines: LineIndex,
    encoding: Encoding,
}

impl<'t> Ruler<'t> {
    /// For places of `text`.
    pub fn new(text: &'t str, encoding: Encoding) -> Self {
        Self { text, lines: LineIndex::new(text), encoding }
    }

    /// The offset of a place; a wrong one is brought to the nearest that there is.
    pub fn offset(&self, at: lsp::Position) -> u32 {
        match self.encoding {
            Encoding::Utf8 => self.lines.offset_utf8(self.text, at.line, at.character),
            Encoding::Utf16 => self.lines.offset_utf16(self.text, at.line, at.character),
        }
    }

    /// The place of an offset.
    pub fn position(&self, offset: u32) -> lsp::Position {
        let (line, character) = match self.encoding {
            Encoding::Utf16 => self.lines.utf16(self.text, offset),
            Encoding::Utf8 => {
                let line = self.lines.line(offset);
                (line, offset.min(self.text.len() as u32) - self.lines.start(line))
            }
        };
        lsp::Position { line, character }
    }

    /// The range between two offsets.
    pub fn range(&self, start: u32, end: u32) -> lsp::Range {
        lsp::Range { start: self.position(start), end: self.position(end) }
    }

    /// How long a range is, in the units of columns.
    pub fn length(&self, start: u32, end: u32) -> u32 {
        let text = self.text.get(start as usize..end as usize).unwrap_or_default();
        match self.encoding {
            Encoding::Utf8 => text.len() as u32,
            Encoding::Utf16 => text.encode_utf16().count() as u32,
        }
    }
}

/// The scheme of URIs of the standard library.
pub const LIBRARY: &str = "sruja-std";

/// The path that a URI means: of a file its path, of one of the library its name, of anything else the URI itself.
pub fn path(uri: &lsp::Uri) -> PathBuf {
    let text = uri.0.as_str();
    match text.strip_prefix("file://") {
        Some(rest) => {
            let rest = decoded(rest.find('/').map_or(rest, |at| &rest[at..]));
            // `/C:/x` of Windows.
            let drive = rest.as_bytes().get(2) == Some(&b':') && rest.as_bytes()[1].is_ascii_alphabetic();
            PathBuf::from(if drive { &rest[1..] } else { &rest })
        }
        // Clients write it with one slash or with three.
        None => match text.strip_prefix(LIBRARY).and_then(|rest| rest.strip_prefix(":/")) {
            Some(file) => PathBuf::from(format!("std:{}", file.trim_start_matches('/'))),
            None => PathBuf::from(text),
        },
    }
}

/// Percent signs and the two digits behind them as bytes.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match digits.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The URI of a path.
pub fn uri(path: &Path) -> lsp::Uri {
    let text = path.to_string_lossy().replace('\\', "/");
    if !path.is_absolute() {
        return lsp::Uri(match text.strip_prefix("std:") {
            Some(file) => format!("{LIBRARY}:///{file}"),
            None => text,
        });
    }
    let mut out = String::from(if text.starts_with('/') { "file://" } else { "file:///" });
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-_.~:@!$&'()*+,;=".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    lsp::Uri(out)
}

/// A place of the workspace.
pub fn location(world: &World, at: &Location, encoding: Encoding) -> Option<lsp::Location> {
    let ruler = Ruler::new(world.text(&at.path)?, encoding);
    Some(lsp::Location { uri: uri(&at.path), range: ruler.range(at.start, at.end) })
}

/// Many places, each file measured once.
pub fn locations(world: &World, all: &[Location], encoding: Encoding) -> Vec<lsp::Location> {
    let mut rulers: HashMap<&Path, Option<Ruler<'_>>> = HashMap::new();
    let mut found = Vec::with_capacity(all.len());
    for at in all {
        let ruler = rulers.entry(&at.path).or_insert_with(|| Some(Ruler::new(world.text(&at.path)?, encoding)));
        let Some(ruler) = ruler else { continue };
        found.push(lsp::Location { uri: uri(&at.path), range: ruler.range(at.start, at.end) });
    }
    found
}

/// Changes of files as one edit.
pub fn edit(world: &World, changes: &[Change], encoding: Encoding) -> lsp::WorkspaceEdit {
    let mut all: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
    for change in changes {
        let Some(at) = location(world, &change.at, encoding) else { continue };
        all.entry(at.uri).or_default().push(lsp::TextEdit { range: at.range, new_text: change.text.clone() });
    }
    lsp::WorkspaceEdit { changes: Some(all), ..lsp::WorkspaceEdit::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_are_each_others_way_back() {
        for name in ["/w/a.sruja", "/w/with blank/ä 100%.sruja", "/w/#x?.sruja"] {
            assert_eq!(path(&uri(Path::new(name))), Path::new(name), "{name}");
        }
        let library = uri(Path::new("std:kinds.sruja"));
        assert_eq!(
            (library.0.as_str(), path(&library)),
            ("sruja-std:///kinds.sruja", PathBuf::from("std:kinds.sruja"))
        );
        assert_eq!(path(&"sruja-std:/kinds.sruja".into()), Path::new("std:kinds.sruja"));
        assert_eq!(uri(Path::new("/a b")).0, "file:///a%20b");
        assert_eq!(path(&"file:///c%3A/x/y.sruja".into()), Path::new("c:/x/y.sruja"));
        assert_eq!(path(&"untitled:Untitled-1".into()), Path::new("untitled:Untitled-1"));
        assert_eq!(path(&"file:///%zz%2".into()), Path::new("/%zz%2"));
    }
}
