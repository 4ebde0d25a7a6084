//! Starts `sruja lsp` for Zed.

use zed_extension_api::{self as zed, serde_json, settings::LspSettings, LanguageServerId, Result};

struct Sruja;

impl zed::Extension for Sruja {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &zed::Worktree) -> Result<zed::Command> {
        let binary = LspSettings::for_worktree("sruja", worktree)?.binary;
        let command = binary.and_then(|binary| binary.path).or_else(|| worktree.which("sruja"));
        Ok(zed::Command {
            command: command.ok_or("`sruja` is not in PATH, nor in the setting `lsp.sruja.binary.path`")?,
            args: vec!["lsp".to_owned()],
            env: worktree.shell_env(),
        })
    }

    fn language_server_workspace_configuration(
        &mut self,
        _: &LanguageServerId,
        worktree: &zed::Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = LspSettings::for_worktree("sruja", worktree)?.settings;
        Ok(Some(serde_json::json!({ "sruja": settings })))
    }
}

zed::register_extension!(Sruja);
