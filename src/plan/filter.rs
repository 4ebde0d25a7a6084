//! Which scenarios take part: names and globs.

use super::PlanError;
use crate::model::{Case, Project};
use crate::schema::nearest;

/// The cases whose scenario one of the globs matches; all without any glob.
pub(super) fn select<'p>(project: &'p Project, globs: &[String]) -> Result<Vec<&'p Case>, PlanError> {
    known(&[project], globs)?;
    let wanted = |case: &&Case| globs.is_empty() || globs.iter().any(|glob| matches(glob, &case.scenario.name));
    Ok(project.cases.iter().filter(wanted).collect())
}

/// Complains of the first glob that matches no scenario of any project.
///
/// # Errors
/// [`PlanError::UnknownScenario`].
pub fn known(projects: &[&Project], globs: &[String]) -> Result<(), PlanError> {
    let names = || projects.iter().flat_map(|project| &project.cases).map(|case| &*case.scenario.name);
    match globs.iter().find(|glob| !names().any(|name| matches(glob, name))) {
        None => Ok(()),
        Some(glob) => {
            Err(PlanError::UnknownScenario { name: glob.clone(), nearest: nearest(glob, names()).map(Into::into) })
        }
    }
}

/// Whether `glob` matches all of `name`: `*` is any text, `?` one character.
pub fn matches(glob: &str, name: &str) -> bool {
    let (glob, name): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
    let (mut g, mut n) = (0, 0);
    // Where to go on when a later character does not match: the last `*` swallows one more.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if glob.get(g) == Some(&'*') {
            star = Some((g, n));
            g += 1;
        } else if glob.get(g).is_some_and(|c| *c == '?' || *c == name[n]) {
            (g, n) = (g + 1, n + 1);
        } else if let Some((at, swallowed)) = star {
            (g, n) = (at + 1, swallowed + 1);
            star = Some((at, swallowed + 1));
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs_match_whole_names() {
        for (glob, name) in [
            ("LoadScale", "LoadScale"),
            ("Load*", "LoadScale"),
            ("*Scale", "LoadScale"),
            ("L?ad*", "LoadScale"),
            ("*a*a*", "LoadScale"),
            ("*", ""),
        ] {
            assert!(matches(glob, name), "{glob} {name}");
        }
        for (glob, name) in [("Load", "LoadScale"), ("loadscale", "LoadScale"), ("?", ""), ("*x", "LoadScale")] {
            assert!(!matches(glob, name), "{glob} {name}");
        }
    }
}
