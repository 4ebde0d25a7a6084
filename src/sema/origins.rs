//! Where the values of a model came from.

use crate::model::Place;
use crate::schema::{Key, attribute};
use crate::source::Span;

/// Where the value of an attribute came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Where it was written.
    pub span: Span,
    /// In the standard library: nobody of the team said so.
    pub is_std: bool,
    /// How specific whoever said so was, low to high: kind, technology, tag, the part itself.
    pub rank: u8,
}

/// The rank of what names the part itself.
pub const NAMED: u8 = 3;

/// The origin of every value that somebody gave. Places are numbered densely, so that each has a row
/// of its own: a large model has a hundred thousand values.
#[derive(Debug, Default)]
pub struct Origins {
    stations: Rows,
    calls: Rows,
    requests: Rows,
    sources: Rows,
}

/// For each place its values, by key.
type Rows = Vec<Vec<(Key, Origin)>>;

impl Origins {
    /// The origin of one value.
    pub fn get(&self, place: Place, key: Key) -> Option<&Origin> {
        let row = self.row(place);
        row.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| &row[at].1)
    }

    /// Whether somebody gave the value.
    pub fn contains(&self, place: Place, key: Key) -> bool {
        self.get(place, key).is_some()
    }

    /// Remembers an origin, in the place of an earlier one.
    pub fn insert(&mut self, place: Place, key: Key, origin: Origin) {
        let (rows, index) = match place {
            Place::Station(id) => (&mut self.stations, id.index()),
            Place::Call(id) => (&mut self.calls, id.index()),
            Place::Request(id) => (&mut self.requests, id.index()),
            Place::Source(id) => (&mut self.sources, id.index()),
        };
        if rows.len() <= index {
            rows.resize_with(index + 1, Vec::new);
        }
        let row = &mut rows[index];
        match row.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => row[at].1 = origin,
            Err(at) => row.insert(at, (key, origin)),
        }
    }

    /// Forgets what was given in the braces of an attribute that is taken away.
    pub fn forget_group(&mut self, place: Place, head: Key) {
        let name = attribute(head).name;
        let row = match place {
            Place::Station(id) => self.stations.get_mut(id.index()),
            Place::Call(id) => self.calls.get_mut(id.index()),
            Place::Request(_) | Place::Source(_) => None,
        };
        row.into_iter().for_each(|row| row.retain(|(key, _)| attribute(*key).group != Some(name)));
    }

    /// The values of one place, by key.
    pub fn of(&self, place: Place) -> impl Iterator<Item = (Key, Origin)> + '_ {
        self.row(place).iter().copied()
    }

    /// All values.
    pub fn iter(&self) -> impl Iterator<Item = (Key, Origin)> + '_ {
        [&self.stations, &self.calls, &self.requests, &self.sources].into_iter().flatten().flatten().copied()
    }

    fn row(&self, place: Place) -> &[(Key, Origin)] {
        let row = match place {
            Place::Station(id) => self.stations.get(id.index()),
            Place::Call(id) => self.calls.get(id.index()),
            Place::Request(id) => self.requests.get(id.index()),
            Place::Source(id) => self.sources.get(id.index()),
        };
        row.map_or(&[], Vec::as_slice)
    }
}
