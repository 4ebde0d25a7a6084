//! Elements that are the same under another name.

use crate::model::words::replaced;
use crate::model::{Architecture, Element, Entry};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Paths that changed, by the path they have in the model that they are taken from.
pub type Renames = BTreeMap<Arc<str>, Arc<str>>;

/// Old paths and the new ones of elements that were renamed: those that have a `canonical_id` or another name in
/// common, or whose path is another name of the other; and the parts of renamed ones that kept their own name.
pub fn renames(old: &Architecture, new: &Architecture) -> Renames {
    let in_old: HashMap<&str, usize> = old.elements.iter().enumerate().map(|(n, e)| (&*e.path, n)).collect();
    let in_new: HashMap<&str, usize> = new.elements.iter().enumerate().map(|(n, e)| (&*e.path, n)).collect();
    let gone: Vec<usize> = (0..old.elements.len()).filter(|n| !in_new.contains_key(&*old.elements[*n].path)).collect();
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let mut partner: HashMap<usize, usize> = HashMap::new();
    for (n, element) in new.elements.iter().enumerate() {
        let found = in_old.get(&*element.path).copied().or_else(|| {
            let free = || gone.iter().copied().filter(|o| !taken.contains_key(o));
            let parent = element.parent.and_then(|id| partner.get(&id.index()).copied());
            let is_part = |o: &usize| {
                parent.is_some()
                    && old.elements[*o].parent.map(|id| id.index()) == parent
                    && last(&old.elements[*o].path) == last(&element.path)
            };
            free().find(|o| is_same(&old.elements[*o], element)).or_else(|| free().find(is_part))
        });
        if let Some(o) = found {
            taken.insert(o, n);
            partner.insert(n, o);
        }
    }
    let pairs = gone.iter().filter_map(|o| taken.get(o).map(|n| (*o, *n)));
    pairs.map(|(o, n)| (Arc::clone(&old.elements[o].path), Arc::clone(&new.elements[n].path))).collect()
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn is_same(old: &Element, new: &Element) -> bool {
    let known_as = |element: &Element, name: &str| element.aliases.iter().any(|alias| **alias == *name);
    known_as(old, &new.path) || known_as(new, &old.path) || old.aliases.iter().any(|alias| known_as(new, alias))
}

/// Whether a rename follows from that of an element around it.
pub fn follows(renames: &Renames, old: &str) -> bool {
    let Some((around, own)) = old.rsplit_once('.') else { return false };
    let path = |outer: &str| [outer, ".", own].concat();
    renames.get(around).is_some_and(|to| renames.get(old).is_some_and(|new| **new == *path(to)))
}

/// The model with other paths: of elements, and of what is called by them.
pub fn renamed(model: &Architecture, renames: &Renames) -> Architecture {
    let mut out = model.clone();
    if renames.is_empty() {
        return out;
    }
    let name = |path: &Arc<str>| renames.get(path).map_or_else(|| Arc::clone(path), Arc::clone);
    out.elements.iter_mut().for_each(|element| element.path = name(&element.path));
    out.drawn_as = other_names(model.elements.iter().map(|e| (name(&e.path), Arc::clone(model.drawn_as(&e.path)))));
    out.stations.iter_mut().for_each(|station| station.path = name(&station.path));
    out.sources.iter_mut().for_each(|source| source.path = name(&source.path));
    out.declared_loops.iter_mut().flat_map(|found| &mut found.path).for_each(|path| *path = name(path));
    for (call, new) in model.calls.iter().zip(&mut out.calls) {
        new.path = call_path(model, &call.path, call.from, &model.station(call.to).path, &name);
    }
    for (request, new) in model.request_types.iter().zip(&mut out.request_types) {
        if let Some(call) = model.calls.iter().position(|call| call.path == request.name) {
            new.name = Arc::clone(&out.calls[call].path);
        }
    }
    for slo in &mut out.slos {
        // Its text names what it is about.
        slo.text = replaced(&slo.text, &name).into();
    }
    out
}

/// Paths and the names that they are drawn by, where those are others.
fn other_names(all: impl Iterator<Item = (Arc<str>, Arc<str>)>) -> BTreeMap<Arc<str>, Arc<str>> {
    all.filter(|(path, drawn)| path != drawn).collect()
}

/// Names the random streams of each element of `new` as those of the same element of `old`, so that what is compared
/// differs by what changed and not by luck. A path that was free again and names another element now gets a name of its
/// own. `None` when all are named by their paths.
pub fn keep_streams(old: &Architecture, new: &Architecture) -> Option<Architecture> {
    let renames = renames(old, new);
    if renames.is_empty() && old.drawn_as.is_empty() {
        return None;
    }
    let before: HashMap<&str, &Arc<str>> = old.elements.iter().map(|e| (&*e.path, old.drawn_as(&e.path))).collect();
    let former: HashMap<&str, &Arc<str>> = renames.iter().map(|(from, to)| (&**to, before[&**from])).collect();
    let kept = |path: &str| {
        let gone = renames.contains_key(path);
        former.get(path).or_else(|| before.get(path).filter(|_| !gone)).map(|drawn| Arc::clone(drawn))
    };
    let kept: Vec<Option<Arc<str>>> = new.elements.iter().map(|element| kept(&element.path)).collect();
    let mut taken: HashSet<Arc<str>> = kept.iter().flatten().cloned().collect();
    let drawn = new.elements.iter().zip(kept).map(|(element, kept)| {
        let drawn = kept.unwrap_or_else(|| free(&element.path, &taken));
        taken.insert(Arc::clone(&drawn));
        (Arc::clone(&element.path), drawn)
    });
    Some(Architecture { drawn_as: other_names(drawn), ..new.clone() })
}

/// The path, or the first name made from it that nobody has.
fn free(path: &Arc<str>, taken: &HashSet<Arc<str>>) -> Arc<str> {
    let mut name = Arc::clone(path);
    while taken.contains(&name) {
        name = [&*name, "'"].concat().into();
    }
    name
}

fn call_path(
    model: &Architecture,
    path: &Arc<str>,
    from: Entry,
    far: &Arc<str>,
    name: &impl Fn(&Arc<str>) -> Arc<str>,
) -> Arc<str> {
    let near = match from {
        Entry::Station(id) => &model.station(id).path,
        Entry::Source(id) => &model.sources[id.index()].path,
    };
    match path.strip_prefix(&*[near, "->", far].concat()) {
        Some(number) => [&name(near), "->", &name(far), number].concat().into(),
        None => Arc::clone(path),
    }
}
