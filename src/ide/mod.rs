//! What an editor asks of a text: one file a feature. Places are byte offsets, answers plain data; nothing here knows a
//! protocol, and nothing here says what `check` would not.
//!
//! A [`Desk`] holds the texts and does the checks, one file at a time; its [`World`] is what is known at one moment, and
//! every feature is a function of that (or of the text alone, where it must answer at once).

pub mod actions;
pub mod calls;
mod capacity;
pub mod completion;
pub mod context;
mod desk;
pub mod docs;
pub mod folding;
pub mod format;
pub mod hints;
pub mod hover;
pub mod lens;
pub mod library;
pub mod links;
pub mod marks;
mod moved;
mod overlay;
pub mod references;
pub mod rename;
pub mod selection;
pub mod signature;
pub mod symbols;
pub mod tokens;
mod world;

pub use desk::{Desk, Done, FindPlace, Job, Place, Step, Ticket, Weigh};
pub use moved::Moved;
pub use overlay::Texts;
pub use world::{Analysis, Change, Location, View, World};
