//! The standard library, embedded.

/// Name and text of each of its files, in the order in which they are loaded.
pub static STDLIB: &[(&str, &str)] = &[
    ("std:kinds.sruja", include_str!("../../stdlib/kinds.sruja")),
    ("std:technologies.sruja", include_str!("../../stdlib/technologies.sruja")),
    ("std:scenarios.sruja", include_str!("../../stdlib/scenarios.sruja")),
];

/// Whether an import names the standard library (or a part of it).
pub fn is_stdlib(from: &str) -> bool {
    from == "sruja.ai/stdlib" || from.starts_with("sruja.ai/stdlib/") || from == "std" || from == "stdlib"
}
