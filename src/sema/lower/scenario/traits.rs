//! `behavior kind database { … }` inside a scenario: as at top level, for its runs alone.

use super::*;
use crate::model;
use crate::schema::{Attribute, Subject, attributes_named};

/// What blocks for kinds, technologies and tags give, with how specific each is.
#[derive(Default)]
pub(super) struct Given {
    fixed: Vec<(u8, (Place, Key, model::Value))>,
    /// Axes by index.
    axes: Vec<(u8, usize)>,
}

impl Lowering<'_, '_, '_> {
    /// A block for a kind, a technology or a tag: each attribute goes to the parts of which nothing more specific is
    /// said.
    pub(super) fn by_trait(&mut self, block: &ast::Behavior) {
        let Some((rank, places)) = behavior::selected(self.built, &block.selector) else {
            self.diagnostics.push(
                Diagnostic::new(&codes::E0205, block.span, "a behavior block of a scenario names what it is for")
                    .help("write `behavior Shop.Api { … }`, or `kind`, `technology` or `tag` and its name"),
            );
            return;
        };
        let head =
            Span { end: block.properties.first().map_or(block.span.end, |first| first.span.start), ..block.span };
        if places.is_empty() {
            let message = "nothing in this model is selected by this block";
            self.diagnostics.push(Diagnostic::new(&codes::W1127, head, message).label("selects nothing"));
        }
        let selector = self.one_line(head);
        let name = selector.trim_start_matches("behavior ").trim_end_matches(['{', ' ']).to_owned();
        self.properties_by_trait(&name, rank, &places, None, &block.properties);
    }

    fn properties_by_trait(
        &mut self,
        name: &str,
        rank: u8,
        places: &[Place],
        group: Option<&str>,
        properties: &[ast::Property],
    ) {
        for property in properties {
            for row in attributes_named(group, &property.name.value) {
                let of_row = places.iter().copied().filter(|place| describes(row, *place));
                let open: Vec<Place> = of_row.filter(|place| self.is_open(*place, row.key, rank)).collect();
                if !open.is_empty() {
                    self.attribute_by_trait(&format!("{name}.{}", row.path()), rank, row, &open, property);
                }
            }
            let inner = crate::schema::find_attribute(group, &property.name.value);
            let inner = inner.map(|row| row.group.unwrap_or(row.name));
            self.properties_by_trait(name, rank, places, inner, &property.block);
        }
    }

    /// Whether nobody of the team has said more specifically what the attribute is.
    fn is_open(&self, place: Place, key: Key, rank: u8) -> bool {
        self.built.origins.get(place, key).is_none_or(|origin| origin.is_std || origin.rank <= rank)
    }

    fn attribute_by_trait(
        &mut self,
        name: &str,
        rank: u8,
        row: &'static Attribute,
        places: &[Place],
        property: &ast::Property,
    ) {
        let value = match property.values.as_slice() {
            [] if !property.block.is_empty() && !matches!(row.ty, Type::Flag | Type::Block) => return,
            [value] => value.clone(),
            values => Value::new(ValueKind::Attribute(values.to_vec(), Vec::new()), property.span),
        };
        let before = self.scenario.fixed.len();
        let axis = self.attribute(name, row.key, places, &value);
        self.traits.axes.extend(axis.map(|axis| (rank, axis)));
        let fixed = self.scenario.fixed.split_off(before);
        self.traits.fixed.extend(fixed.into_iter().map(|given| (rank, given)));
    }

    /// What is said of a part by name, or by something more specific, wherever in the scenario, beats what is said of
    /// many.
    pub(super) fn give_way(&mut self) {
        let Given { mut fixed, axes } = std::mem::take(&mut self.traits);
        fixed.sort_by_key(|(rank, _)| *rank);
        let named = |axis: usize| axes.iter().all(|(_, of_trait)| *of_trait != axis);
        let by_name: Vec<(Place, Key)> = self
            .scenario
            .axes
            .iter()
            .enumerate()
            .filter(|(n, _)| named(*n))
            .flat_map(|(_, axis)| &axis.setters)
            .filter_map(|setter| if let Setter::Attribute(place, key) = setter { Some((*place, *key)) } else { None })
            .chain(self.scenario.fixed.iter().map(|(place, key, _)| (*place, *key)))
            .collect();
        for (rank, axis) in axes {
            let stronger = |place: Place, key: Key| {
                let more = |(other, (at, of, _)): &(u8, (Place, Key, model::Value))| {
                    *other > rank && (*at, *of) == (place, key)
                };
                by_name.contains(&(place, key)) || fixed.iter().any(more)
            };
            self.scenario.axes[axis]
                .setters
                .retain(|setter| !matches!(setter, Setter::Attribute(place, key) if stronger(*place, *key)));
        }
        let named = std::mem::take(&mut self.scenario.fixed);
        self.scenario.fixed = fixed.into_iter().map(|(_, given)| given).chain(named).collect();
    }
}

/// Whether the attribute is one of such a part.
fn describes(row: &Attribute, place: Place) -> bool {
    let wanted: &[Subject] = match place {
        Place::Station(_) => &[Subject::Station, Subject::Queue],
        Place::Call(_) => &[Subject::Call],
        Place::Source(_) => &[Subject::Source],
        Place::Request(_) => &[],
    };
    row.subjects.iter().any(|subject| wanted.contains(subject))
}
