//! Steps: `step A -> B "label" [tags] order 3 { probability 60% }`.

use super::{behavior, element, relation, value};
use crate::schema::Type;
use crate::syntax::ast::{End, Step};
use crate::syntax::cursor::Cursor;
use crate::syntax::token::{Bracket, Kind};

/// What a step's braces take beyond the attributes.
pub const EXTRA: &[(&str, Type)] = &[
    ("repeat", Type::Count),
    ("forward", Type::Flag),
    ("goto", Type::Element),
    ("quorum", Type::Count),
    ("order", Type::Count),
];

/// Attributes of a step.
pub const SCOPE: behavior::Scope = behavior::Scope { group: None, extra: EXTRA };

/// Whether a step begins here: `step`, or a name or text before an arrow that is no assignment.
pub fn starts(c: &Cursor<'_>) -> bool {
    if c.is_word("step") && !c.nth_is_separator(1) && !c.nth_is_arrow(1) {
        return matches!(c.nth(1), Some(Kind::Word | Kind::Text));
    }
    relation::starts(c) && !is_assignment(c)
}

/// `A -> B.attr` and then `=`, or a value that no step has.
pub fn is_assignment(c: &Cursor<'_>) -> bool {
    if c.nth(2) != Some(Kind::Word) {
        return false;
    }
    match c.nth(3) {
        Some(Kind::Equals | Kind::OddEquals) => true,
        Some(Kind::Colon) => matches!(c.nth(4), Some(Kind::Number | Kind::Open(Bracket::Square))),
        Some(Kind::Number) => c.nth_same_line(3) && c.nth_word(2).contains('.'),
        _ => false,
    }
}

/// A step stands here.
pub fn step(c: &mut Cursor<'_>) -> Option<Step> {
    let mark = c.mark();
    let keyword = c.is_word("step") && !c.nth_is_arrow(1);
    if keyword {
        c.bump();
    }
    let name = name(c, keyword);
    if !relation::starts(c) {
        let at = crate::source::Spanned::new("step".to_owned(), c.since(mark));
        value::missing_value(c, &at, "who calls whom: `step A -> B \"what happens\"`");
        if c.same_line() {
            c.recover();
        }
        return None;
    }
    let Some((from, to)) = relation::ends(c) else {
        if c.same_line() {
            c.recover();
        }
        return None;
    };
    let mut step = Step {
        name,
        from,
        to,
        label: None,
        tags: Vec::new(),
        order: None,
        quorum: None,
        compensate: None,
        properties: Vec::new(),
        span: c.since(mark),
    };
    tail(c, &mut step);
    if c.opens_block() {
        c.inside(|c| body(c, &mut step));
    }
    step.span = c.since(mark);
    Some(step)
}

/// `step pay: A -> B`, `step pay A -> B`, `step pay = A -> B`.
fn name(c: &mut Cursor<'_>, keyword: bool) -> Option<crate::syntax::ast::Ident> {
    let separated = keyword && c.is(Kind::Word) && c.nth_is_separator(1);
    let beside = keyword && c.is(Kind::Word) && matches!(c.nth(1), Some(Kind::Word | Kind::Text)) && c.nth_is_arrow(2);
    if !separated && !beside {
        return None;
    }
    let name = c.ident();
    c.eat_separator();
    Some(name)
}

fn tail(c: &mut Cursor<'_>, step: &mut Step) {
    while c.same_line() {
        match (c.kind(), c.word()) {
            (Some(Kind::Text), _) => {
                let text = c.text_if();
                step.label = step.label.take().or(text);
            }
            (Some(Kind::Open(Bracket::Square)), _) => step.tags.extend(element::tag_list(c)),
            (Some(Kind::Hash | Kind::At), _) if c.nth(1) == Some(Kind::Word) => step.tags.extend(element::hash_tags(c)),
            (Some(Kind::Colon), _) if matches!(c.nth(1), Some(Kind::Text)) => c.bump(),
            (Some(Kind::Word), "order") if matches!(c.nth(1), Some(Kind::Number | Kind::Text)) => {
                c.bump();
                step.order = value::quantity_or_text(c);
            }
            (Some(Kind::Word), "quorum") if c.nth(1) == Some(Kind::Number) => {
                c.bump();
                step.quorum = value::quantity(c);
            }
            (Some(Kind::Word), "compensate") => compensate(c, step),
            (Some(Kind::Word), word) if inline(c, word) => step.properties.extend(behavior::property(c, SCOPE)),
            _ => return,
        }
    }
}

/// Attributes of a step may stand beside it without braces, but a statement of that name may too.
fn inline(c: &Cursor<'_>, word: &str) -> bool {
    let flag = matches!(word, "parallel" | "async" | "forward");
    let valued = matches!(word, "probability" | "repeat") && c.nth(1) != Some(Kind::Equals);
    (flag && !c.nth_is_separator(1) && !c.nth_is_arrow(1)) || valued || (word == "goto" && c.nth(1) == Some(Kind::Word))
}

/// `compensate A -> B`, `compensate B` (called by the step's own caller), or a bare `compensate`: the step backwards.
fn compensate(c: &mut Cursor<'_>, step: &mut Step) {
    c.bump();
    let target = step.to.first().cloned().unwrap_or_else(|| step.from.clone());
    if relation::starts(c) && !c.same_line() {
        step.compensate = Some((step.from.clone(), target));
        return;
    }
    if relation::starts(c) {
        step.compensate = relation::ends(c).and_then(|(from, mut to)| Some((from, to.pop()?)));
        c.text_beside();
        return;
    }
    let to = match c.is(Kind::Word) && c.same_line() {
        true => c.path_if().map_or(target, End::Path),
        false => target,
    };
    c.text_beside();
    step.compensate = Some((step.from.clone(), to));
}

fn body(c: &mut Cursor<'_>, step: &mut Step) {
    while !c.is_done() {
        if c.eat(Kind::Semicolon) || c.eat(Kind::Comma) {
            continue;
        }
        match (c.kind(), c.word()) {
            (Some(Kind::Word), "compensate") => compensate(c, step),
            (Some(Kind::Word), "order" | "quorum") if c.nth(1) == Some(Kind::Number) => {
                let order = c.is_word("order");
                c.bump();
                let amount = value::quantity(c);
                if order { step.order = amount } else { step.quorum = amount }
            }
            (Some(Kind::Word), "description" | "label" | "title") => {
                c.bump();
                c.eat_separator();
                let text = c.text_if();
                step.label = step.label.take().or(text);
            }
            (Some(Kind::Word), "name") => {
                c.bump();
                c.eat_separator();
                step.name = c.text_or_word();
            }
            (Some(Kind::Word), "tags" | "tag") => {
                c.bump();
                step.tags.extend(element::tags(c));
            }
            _ => step.properties.extend(behavior::property(c, SCOPE)),
        }
    }
}
