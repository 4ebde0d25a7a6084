//! How runs are driven: checked here, for a runtime that acts on it.

use super::*;
use crate::source::Spanned;

/// Ways in which runs keep step with each other.
const MODES: &[&str] = &["free", "lockstep", "milestone"];
/// Which runs go first.
const PRIORITIES: &[&str] = &["high", "normal", "background"];
/// What the command of an external program may mention beside dimensions and parameters.
const PLACEHOLDERS: &[&str] = &["seed", "load", "duration", "warmup", "replication", "name", "scenario", "version"];

impl Lowering<'_, '_, '_> {
    pub(super) fn sync(
        &mut self,
        mode: &ast::Ident,
        milestones: &[Spanned<Quantity>],
        timeout: Option<&Spanned<Quantity>>,
        span: Span,
    ) {
        self.one_of("sync", &mode.value, mode.span, MODES);
        for milestone in milestones {
            self.measures("a milestone", milestone, Dimension::Share);
        }
        if let Some(timeout) = timeout {
            self.measures("`timeout`", timeout, Dimension::Duration);
        }
        let ascending = milestones.windows(2).all(|pair| pair[0].value.si() < pair[1].value.si());
        let reached = milestones.iter().all(|milestone| milestone.value.si() <= 1.0);
        if !ascending || !reached {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0303, span, "the milestones are not in their order")
                    .label("one comes after the other, and none after 100 %"),
            );
        }
        self.not_yet(span, "`sync`");
    }

    pub(super) fn checkpoint(&mut self, every: &Spanned<Quantity>, keep: Option<&Spanned<Quantity>>, span: Span) {
        self.measures("`checkpoint every`", every, Dimension::Duration);
        if let Some(keep) = keep {
            self.measures("`keep`", keep, Dimension::Count);
        }
        self.not_yet(span, "`checkpoint`");
    }

    /// `simulate with exec "./sim --load {load}"`: what stands in braces is known.
    pub(super) fn exec(&mut self, command: &ast::Text, span: Span) {
        let mut rest = command.value.as_str();
        while let Some((name, behind)) = rest.split_once('{').and_then(|(_, rest)| rest.split_once('}')) {
            rest = behind;
            self.placeholder(name, command.span);
        }
        self.not_yet(span, "an external program");
    }

    fn placeholder(&mut self, name: &str, at: Span) {
        let axes = self.flat.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Assign(target, _) => Some(target_name(target)),
            StatementKind::Param(name, _) | StatementKind::Setting(name, _) => Some(name.value.clone()),
            _ => None,
        });
        let known: Vec<String> = PLACEHOLDERS.iter().map(|word| (*word).to_owned()).chain(axes).collect();
        if known.iter().any(|word| word == name) {
            return;
        }
        let message = format!("nothing in this scenario is called `{{{name}}}`");
        let diagnostic = Diagnostic::new(&codes::E0307, at, message).label("not known");
        self.diagnostics.push(match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{{{near}}}`?")),
            None => diagnostic.help("what it sets can stand here: `{seed}`, `{load}`, a parameter, a dimension"),
        });
    }

    /// Settings on which a later runtime acts.
    pub(super) fn check_setting(&mut self, key: SettingKey, value: &Value) {
        let (bound, _) = self.flat.bound(value);
        match (key, quantity_of(bound)) {
            (SettingKey::Timeout, Some(q)) => {
                self.measures("`timeout`", &Spanned::new(q.or_unit(second()), value.span), Dimension::Duration);
            }
            (SettingKey::Priority, None) => {
                let word = crate::sema::values::word_of(bound).unwrap_or_else(|| describe(bound));
                self.one_of("priority", &word, value.span, PRIORITIES);
            }
            (SettingKey::Timeout, None) => self.diagnostics.push(Diagnostic::new(
                &codes::E0301,
                value.span,
                format!("`timeout` takes {}, not {}", Dimension::Duration.describe(), describe(bound)),
            )),
            _ => {}
        }
    }

    pub(super) fn one_of(&mut self, what: &str, word: &str, at: Span, words: &[&str]) {
        if words.contains(&word) {
            return;
        }
        let diagnostic = Diagnostic::new(&codes::E0307, at, format!("`{word}` is no {what}"))
            .label(format!("one of `{}`", words.join("`, `")));
        self.diagnostics.push(match nearest(word, words.iter().copied()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).suggest(format!("write `{near}`"), at, near)
            }
            None => diagnostic,
        });
    }

    pub(super) fn measures(&mut self, what: &str, given: &Spanned<Quantity>, wanted: Dimension) -> bool {
        let fits = given.value.dimension() == wanted && given.value.number.signum() > 0;
        if !fits {
            let shown = Value::new(ValueKind::Quantity(given.value), given.span);
            let message = format!("{what} takes {} above zero, not {}", wanted.describe(), describe(&shown));
            self.diagnostics.push(Diagnostic::new(&codes::E0301, given.span, message));
        }
        fits
    }
}
