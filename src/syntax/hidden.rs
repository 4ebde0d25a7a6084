//! Characters that nobody sees: bidirectional controls, zero-width ones, control codes.

use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// More of them in one file are not worth a line each.
const MAX_SHOWN: usize = 20;

/// A complaint about every hidden character of `text` (up to a few), with a fix that removes it.
pub fn check(file: FileId, text: &str, out: &mut Vec<Diagnostic>) {
    let bytes = text.as_bytes();
    let mut shown = 0;
    // Every such character begins with one of these bytes; everything else passes at full speed.
    let suspicious = |byte: u8| {
        (byte < 0x20 && !matches!(byte, b'\n' | b'\t' | b'\r')) || matches!(byte, 0x7F | 0xC2 | 0xD8 | 0xE2 | 0xEF)
    };
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| suspicious(*byte)) {
        at += offset;
        let Some(c) = text[at..].chars().next() else { return };
        if let Some(name) = name(c).filter(|_| !(c == '\u{FEFF}' && at == 0)) {
            out.push(complaint(Span::new(file, at, at + c.len_utf8()), c, name));
            shown += 1;
            if shown == MAX_SHOWN {
                return;
            }
        }
        at += c.len_utf8();
    }
}

fn complaint(span: Span, c: char, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0112, span, format!("a hidden character: {name} (U+{:04X})", u32::from(c)))
        .label("nobody sees it, and it changes how the line reads")
        .help("remove it")
        .fix("remove it", span, "")
}

fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => {
            "a control of text direction"
        }
        '\u{200B}' | '\u{2060}' | '\u{FEFF}' => "a blank without width",
        '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}' => "a control code",
        _ => return None,
    })
}
