//! Diagnostics as text, JSON, SARIF and GitHub annotations: one file a format.
