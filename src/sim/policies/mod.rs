//! Policies of stations and relations, one file each, free of any knowledge of the interpreter.

pub(crate) mod backoff;
pub(crate) mod balance;
pub(crate) mod breaker;
pub(crate) mod bucket;
pub(crate) mod codel;
pub(crate) mod guard;
pub(crate) mod lru;
pub(crate) mod sharing;
pub(crate) mod zipf;
