//! Compiles the parser that `tree-sitter generate` wrote, and the scanner.

fn main() {
    let mut build = cc::Build::new();
    build.std("c11").include("src").warnings(false);
    for file in ["src/parser.c", "src/scanner.c"] {
        build.file(file);
    }
    for file in ["src/parser.c", "src/scanner.c", "src/keywords.h"] {
        println!("cargo:rerun-if-changed={file}");
    }
    build.compile("tree-sitter-sruja");
}
