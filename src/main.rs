//! The `sruja` command.

fn main() -> std::process::ExitCode {
    sruja::cli::main()
}
