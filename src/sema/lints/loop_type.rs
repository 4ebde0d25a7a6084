//! W1109: a loop that says another type than its signs.

use super::Context;
use crate::diag::{Diagnostic, codes};
use crate::model::LoopKind;
use crate::sema::lower::{kind_of_word, loop_kind};
use crate::syntax::ast;

/// Declared types against the product of the signs.
pub fn check(context: &Context<'_, '_>, out: &mut Vec<Diagnostic>) {
    out.extend(
        context.built.declared.loops.iter().filter(|scoped| !scoped.is_std).filter_map(|scoped| one(scoped.node)),
    );
}

fn one(node: &ast::Loop) -> Option<Diagnostic> {
    let declared = node.declared.as_ref()?;
    let (said, computed) = (kind_of_word(&declared.value)?, loop_kind(node)?);
    if said == computed {
        return None;
    }
    let minus: Vec<&ast::LoopEdge> = node.edges.iter().filter(|edge| is_minus(edge)).collect();
    let signs = match minus.len() {
        0 => "no minus sign".to_owned(),
        n => super::words::count(n as u64, "minus sign"),
    };
    let message =
        format!("`{}` is declared {}, computed {}: it has {signs}", node.id.value, word(said), word(computed));
    let mut diagnostic = Diagnostic::new(&codes::W1109, declared.span, message)
        .label(format!("by its signs it is {}", word(computed)))
        .help("an even number of minus signs amplifies (reinforcing), an odd number dampens (balancing)");
    for edge in minus {
        let sign = edge.polarity.map_or(edge.span, |sign| sign.span);
        diagnostic = diagnostic.related(sign, "a minus sign");
    }
    Some(diagnostic)
}

fn is_minus(edge: &ast::LoopEdge) -> bool {
    edge.polarity.is_some_and(|sign| !sign.value)
}

fn word(kind: LoopKind) -> &'static str {
    match kind {
        LoopKind::Reinforcing => "reinforcing",
        LoopKind::Balancing => "balancing",
    }
}
