//! `expect p95(Shop.Api) < 200ms during chaos`.

use super::{expr, value};
use crate::source::Spanned;
use crate::syntax::ast::{Expect, Ident, WindowKind};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::Kind;

/// `expect` stands here.
pub fn expect(c: &mut Cursor<'_>) -> Option<Expect> {
    let name = c.ident();
    c.eat_separator();
    condition(c, &name)
}

/// A condition and its window; complaints are about `name`.
pub fn condition(c: &mut Cursor<'_>, name: &Ident) -> Option<Expect> {
    let mut window = window(c, name);
    let Some(condition) = expr::condition(c, name) else {
        if c.same_line() {
            c.recover();
        }
        return None;
    };
    let mut severity = None;
    loop {
        let mark = c.mark();
        if c.same_line() || !c.is_word("from") {
            window = self::window(c, name).or(window);
        }
        if c.same_line() && matches!(c.word(), "as" | "severity") && c.nth(1) == Some(Kind::Word) {
            c.bump();
            severity = c.ident_if();
        }
        if c.mark() == mark {
            return Some(Expect { condition, window, severity });
        }
    }
}

fn window(c: &mut Cursor<'_>, name: &Ident) -> Option<Spanned<WindowKind>> {
    let mark = c.mark();
    let kind = match (c.word(), c.nth_word(1)) {
        ("during", "chaos") => two(c, WindowKind::DuringChaos),
        ("after", "chaos") => two(c, WindowKind::AfterChaos),
        ("always", _) if !c.nth_is_separator(1) => {
            c.bump();
            WindowKind::Always
        }
        ("eventually", _) => {
            c.bump();
            c.eat_word("within");
            WindowKind::EventuallyWithin(value::required_value(
                c,
                name,
                "how long it may take: `eventually within 30s`",
            )?)
        }
        ("from", _) if c.nth(1) == Some(Kind::Number) || (c.nth(1) == Some(Kind::Word) && c.nth_word(2) == "to") => {
            c.bump();
            let from = value::value(c)?;
            c.eat_word("to");
            let to = value::required_value(c, name, "a window such as `from 10s to 60s`")?;
            WindowKind::Between(from, to)
        }
        _ => return None,
    };
    Some(Spanned::new(kind, c.since(mark)))
}

fn two(c: &mut Cursor<'_>, kind: WindowKind) -> WindowKind {
    c.bump();
    c.bump();
    kind
}
