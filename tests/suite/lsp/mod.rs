//! The language server, from outside: the binary, its standard streams, the messages of the protocol.

mod client;
mod hostile;
mod replay;
mod requests;
mod same_as_check;
