//! The engine: discrete events over a compiled architecture.
