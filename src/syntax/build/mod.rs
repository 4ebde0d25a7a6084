//! Statements out of tokens: one file a construct.

mod behavior;
mod chaos;
mod deployment;
mod element;
mod expect;
mod expr;
mod feedback;
mod import;
mod item;
mod opaque;
mod relation;
mod scenario;
mod search;
mod slo;
mod statement;
mod step;
mod typo;
mod value;
mod version;
mod wrapper;

use super::ast::{Expect, Item, Statement};
use super::cursor::Cursor;
use super::token::Kind;
use super::words::Words;
use crate::schema::{CHAOS_VERBS, Verb};
use crate::source::Spanned;

/// The items of a whole file.
pub fn file(c: &mut Cursor<'_>) -> Vec<Item> {
    item::items(c, item::Place::Top)
}

/// Statements of a scenario up to the end.
pub fn statements(c: &mut Cursor<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    while !c.is_done() {
        if !c.eat(Kind::Semicolon) && !c.eat(Kind::Comma) {
            statement::statement(c, &mut found);
        }
    }
    found
}

/// One condition with its window, and nothing behind it.
pub fn expectation(c: &mut Cursor<'_>) -> Option<Expect> {
    let name = Spanned::new("an expectation".to_owned(), c.here());
    let found = expect::condition(c, &name)?;
    c.is_done().then_some(found)
}

/// The words of statements, each list from where it is used.
pub fn words() -> Words {
    let verbs = |wanted: fn(Verb) -> bool| {
        let rows = CHAOS_VERBS.iter().filter(|row| wanted(row.verb));
        rows.flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied())).collect()
    };
    Words {
        items: typo::STATEMENTS.to_vec(),
        ignored: opaque::names().collect(),
        fields: element::field_names().collect(),
        objectives: slo::WORDS.to_vec(),
        places: deployment::NODES.to_vec(),
        instances: deployment::INSTANCES.to_vec(),
        statements: statement::WORDS.to_vec(),
        arrivals: statement::ARRIVALS.to_vec(),
        steps: step::EXTRA.iter().map(|(name, _)| *name).collect(),
        moments: chaos::LEADING.to_vec(),
        amounts: chaos::AMOUNTS.to_vec(),
        manners: chaos::FLAGS.to_vec(),
        replicas: chaos::INSTANCES.to_vec(),
        free_verbs: verbs(chaos::is_free),
        attribute_verbs: verbs(chaos::takes_attribute),
    }
}
