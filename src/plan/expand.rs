//! A plan written out: names, JSON, JSON lines; nothing is run and nothing is kept.

use super::axis::{Cells, PointCells};
use super::case::PlanCase;
use super::{Plan, hash, name, runs};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// Written in pieces of about this many bytes.
const PIECE: usize = 32 * 1024;

/// The names, one a line.
pub fn text(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    each(plan, out, |line, case, _, cells| {
        name::push(line, &case.prefix, cells);
        line.push(b'\n');
    })
}

/// One JSON object a line.
pub fn jsonl(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut scratch = Scratch::default();
    each(plan, out, |line, case, _, cells| {
        push_run(line, case, cells, &mut scratch);
        line.push(b'\n');
    })
}

/// One JSON document with the dimensions and all runs.
pub fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    write!(out, r#"{{"schema":"sruja.plan/1","count":{},"dimensions":["#, plan.len())?;
    dimensions(plan, out)?;
    out.write_all(b"],\"runs\":[")?;
    let mut scratch = Scratch::default();
    each(plan, out, |line, case, index, cells| {
        line.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        push_run(line, case, cells, &mut scratch);
    })?;
    out.write_all(b"\n]}\n")
}

/// Calls `write` for every run with a buffer, its case, its number and its values.
fn each(
    plan: &Plan,
    out: &mut dyn Write,
    mut write: impl FnMut(&mut Vec<u8>, &PlanCase, u64, PointCells<'_>),
) -> io::Result<()> {
    let (mut piece, mut point) = (Vec::with_capacity(2 * PIECE), Vec::new());
    for (case, start) in plan.cases.iter().zip(&plan.starts) {
        let mut cells = Cells::default();
        for local in 0..case.len() {
            case.point(local, &mut point);
            write(&mut piece, case, start + local, cells.at(&case.axes, &point));
            if piece.len() >= PIECE {
                out.write_all(&piece)?;
                piece.clear();
            }
        }
    }
    out.write_all(&piece)
}

/// Buffers that every run uses again.
#[derive(Default)]
struct Scratch {
    name: Vec<u8>,
    hash: Vec<u8>,
}

fn push_run(line: &mut Vec<u8>, case: &PlanCase, cells: PointCells<'_>, scratch: &mut Scratch) {
    scratch.name.clear();
    name::push(&mut scratch.name, &case.prefix, cells);
    push_member(line, b"{\"name\":", &scratch.name);
    push_member(line, b",\"scenario\":", case.scenario.name.as_bytes());
    push_member(line, b",\"version\":", case.version.as_bytes());
    match &case.commit {
        Some(commit) => push_member(line, b",\"commit\":", commit.as_bytes()),
        None => line.extend_from_slice(b",\"commit\":null"),
    }
    push_params(line, cells);
    line.extend_from_slice(b",\"seed\":");
    line.extend_from_slice(runs::seed(case, cells).to_string().as_bytes());
    line.extend_from_slice(b",\"hash\":\"");
    hash::push_hex(&runs::hash_of(case, cells, &mut scratch.hash), line);
    line.extend_from_slice(b"\"}");
}

fn push_member(line: &mut Vec<u8>, key: &[u8], text: &[u8]) {
    line.extend_from_slice(key);
    push_quoted(line, text);
}

fn push_params(line: &mut Vec<u8>, cells: PointCells<'_>) {
    line.extend_from_slice(b",\"params\":{");
    for (n, (axis, cell)) in cells.iter().enumerate() {
        if n > 0 {
            line.push(b',');
        }
        push_quoted(line, axis.name.as_bytes());
        line.push(b':');
        line.extend_from_slice(cell.json.as_bytes());
    }
    line.push(b'}');
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_quoted(&mut out, text.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

fn push_quoted(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

/// The dimensions of the plan: versions where there are several, then every axis by its name.
fn dimensions(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let mut separate = "";
    let versions = distinct(plan.cases.iter().map(|case| &*case.version));
    if versions.len() > 1 {
        let quoted: Vec<String> = versions.into_iter().map(quoted).collect();
        write!(out, r#"{{"name":"version","values":[{}]}}"#, quoted.join(","))?;
        separate = ",";
    }
    for name in distinct(plan.cases.iter().flat_map(|case| case.axes.iter().map(|axis| &*axis.name))) {
        write!(out, r#"{separate}{{"name":{},"values":["#, quoted(name))?;
        values(plan, name, out)?;
        out.write_all(b"]}")?;
        separate = ",";
    }
    Ok(())
}

/// The first of each, in order.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::HashSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

/// The values that the runs of all cases give an axis.
fn values(plan: &Plan, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut having = plan.cases.iter().filter_map(|case| Some((case, position(case, name)?)));
    let Some((first, at)) = having.next() else { return Ok(()) };
    let mut separate = "";
    let mut write = |value: &str| {
        write!(out, "{separate}{value}")?;
        separate = ",";
        Ok(())
    };
    let axis = &first.axes[at];
    // Nothing is gathered where every case has this very axis, as with many versions of one scenario.
    if having.all(|(case, at)| case.axes[at].is_same(axis) && !case.is_partial()) && !first.is_partial() {
        return (0..axis.len).try_for_each(|index| write(&axis.cell(index).json));
    }
    gathered(plan, name).iter().try_for_each(|value| write(value))
}

fn position(case: &PlanCase, name: &str) -> Option<usize> {
    case.axes.iter().position(|axis| &*axis.name == name)
}

fn gathered(plan: &Plan, name: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut all = Vec::new();
    for case in &plan.cases {
        let Some(at) = position(case, name) else { continue };
        let new = used(case, at).into_iter().map(|index| case.axes[at].cell(index).json.to_string());
        all.extend(new.filter(|value| seen.insert(value.clone())));
    }
    all
}

/// Indices of the values of an axis that runs have.
fn used(case: &PlanCase, axis: usize) -> BTreeSet<u64> {
    let mut point = Vec::new();
    let index = |local| {
        case.point(local, &mut point);
        point[axis]
    };
    (0..case.len()).map(index).collect()
}
