//! Source text: which file, where in it, and how to reach files at all.
//!
//! Everything above this layer speaks of text by [`Span`] and of files by [`FileId`]; only a
//! [`Host`] touches the disk, the environment or a clock.

pub mod git;
mod host;
mod line_index;
mod map;

pub use host::{FileEntry, Host, HostError, MemoryHost, Pieces, RealHost, tidy};
pub use line_index::{LineIndex, Position};
pub use map::{FileId, SourceFile, SourceMap, Span, Spanned};
