//! `sruja explain`: the page of a code, an attribute, a verb …

use crate::cli::args::ExplainArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::markdown;
use crate::cli::reference::{self, Topic};
use crate::cli::session::Session;
use crate::diag::CODES;
use crate::diag::render::{Paint, TextStyle};
use crate::schema::nearest;

/// Prints the pages of a name, or the list of codes.
pub fn run(session: &mut Session<'_>, args: &ExplainArgs) -> Result<Exit, Failure> {
    let style = session.style();
    let text = match &args.topic {
        None => list(style),
        Some(name) => pages(name, style)?,
    };
    session.finish(None, &text, Exit::Ok)
}

fn pages(name: &str, style: TextStyle) -> Result<String, Failure> {
    let found = reference::find(name);
    if found.is_empty() {
        return Err(unknown(name));
    }
    let pages: Vec<_> = found.iter().map(Topic::page).collect();
    Ok(markdown::show(&pages.join("\n"), style))
}

fn unknown(name: &str) -> Failure {
    let names: Vec<_> = reference::topics().flat_map(|topic| topic.names()).collect();
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`sruja explain` lists every code; attributes, chaos verbs, metrics, distributions, \
settings, kinds and keys of sruja.toml are explained by name"
            .to_owned(),
    };
    Failure::usage_with_help(format!("nothing is called `{name}`"), Some(help))
}

fn list(style: TextStyle) -> String {
    let paint = Paint { color: style.color };
    let line = |code: &&crate::diag::Code| format!("{}  {}\n", paint.severity(code.severity, code.id), code.title);
    let codes: String = CODES.iter().map(line).collect();
    codes + "\n`sruja explain CODE` prints its page; attributes, chaos verbs, metrics … are explained by name.\n"
}
