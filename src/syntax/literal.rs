//! The content of string literals.

/// The text between the quotes of `literal`, escapes resolved; also of one that is never closed.
pub fn unquote(literal: &str) -> String {
    let body = between_quotes(literal);
    if body.contains('\\') { unescape(body) } else { body.to_owned() }
}

fn between_quotes(literal: &str) -> &str {
    if literal.len() >= 6 && literal.starts_with("\"\"\"") && literal.ends_with("\"\"\"") {
        return &literal[3..literal.len() - 3];
    }
    let is_quote = |c: char| matches!(c, '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»');
    let Some(open) = literal.chars().next() else { return "" };
    let body = &literal[open.len_utf8()..];
    let closes = |c: char| if matches!(open, '"' | '\'') { c == open } else { is_quote(c) };
    match body.chars().next_back() {
        Some(last) if closes(last) => &body[..body.len() - last.len_utf8()],
        _ => body,
    }
}

/// Known escapes resolved, unknown ones (`\d` of a pattern) left as they are.
fn unescape(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(c @ ('"' | '\'' | '\\')) => out.push(c),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unquote;

    #[test]
    fn quotes_go_and_known_escapes_are_resolved() {
        for (literal, text) in [
            (r#""a""#, "a"),
            ("'it \"is\"'", "it \"is\""),
            ("\"\"\"a \"b\" c\"\"\"", "a \"b\" c"),
            (r#""^\\d{3}\n\d""#, "^\\d{3}\n\\d"),
            ("\"never closed", "never closed"),
            ("“Shop”", "Shop"),
            ("\"\"\"\"\"\"", ""),
            ("\"", ""),
        ] {
            assert_eq!(unquote(literal), text, "{literal}");
        }
    }
}
