//! Servers: thin skins over what the rest of the crate knows, one folder a protocol.

pub mod lsp;
