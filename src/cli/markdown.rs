//! The little Markdown of the reference, for a terminal.

use crate::diag::render::{Paint, TextStyle};

/// `page` in the given style: headings stand out, paragraphs are wrapped, code is set in.
pub fn show(page: &str, style: TextStyle) -> String {
    let mut shown = Shown { style, code: false, out: String::new() };
    for line in page.lines() {
        shown.line(line);
    }
    shown.out
}

struct Shown {
    style: TextStyle,
    code: bool,
    out: String,
}

impl Shown {
    fn line(&mut self, line: &str) {
        let paint = Paint { color: self.style.color };
        if line.starts_with("```") {
            self.code = !self.code;
        } else if self.code {
            self.push(&paint.help(&format!("    {line}")));
        } else if let Some(heading) = line.strip_prefix("## ") {
            self.push(&paint.bold(&heading.replace('`', "")));
        } else if let Some(item) = line.strip_prefix("- ") {
            self.push(&wrap(&format!("- {item}"), self.style.width, "  "));
        } else {
            self.push(&wrap(line, self.style.width, ""));
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }
}

/// `text` in lines of at most `width` characters, all but the first set in by `indent`.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for word in text.replace("**", "").split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_code_is_left_alone() {
        let style = TextStyle { color: false, unicode: true, width: 12 };
        let page = "## `a`: b\n\none two three\n- four five six\n\n```sruja\na long line of code\n```\n";
        let wanted = "a: b\n\none two\nthree\n- four five\n  six\n\n    a long line of code\n";
        assert_eq!(show(page, style), wanted);
    }
}
