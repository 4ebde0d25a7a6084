//! Concrete runs: dimensions to points, names, hashes and seeds, computed lazily.
