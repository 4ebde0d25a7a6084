#!/usr/bin/env bash
# What stands in this folder, tried with the tools that are there: each that is missing is named and skipped.
# The words and the grammar are held by the suite (`cargo test --test suite editors`, `… tree_sitter`).
set -euo pipefail
cd "$(dirname "$0")"

target=${CARGO_TARGET_DIR:-$PWD/../target}
SRUJA=${SRUJA:-$(ls -t "$target"/{release,debug}/sruja 2>/dev/null | head -n 1 || true)}
export SRUJA=${SRUJA:-sruja}

skip() { printf '   skipped: %s\n' "$1"; }
have() { command -v "$1" >/dev/null 2>&1; }

# A fresh copy, so that what is committed is compared and not changed.
parser() {
  local copy
  copy=$(mktemp -d)
  cp -r tree-sitter-sruja/. "$copy"
  case $(tree-sitter --version) in
    *' 0.27.'*) (cd "$copy" && tree-sitter generate --abi 14 && diff -q src/parser.c "$OLDPWD/tree-sitter-sruja/src/parser.c") ;;
    *) skip 'parser.c was written by tree-sitter 0.27; another writes another' ;;
  esac
  (cd "$copy" && tree-sitter test)
  rm -rf "$copy"
}

echo '-- tree-sitter grammar: its own tests, and whether parser.c is that of grammar.js'
if have tree-sitter; then parser; else skip 'no tree-sitter (cargo install tree-sitter-cli)'; fi

echo '-- VS Code: types, colours, the client against the program, the package'
if ! have npm; then
  skip 'no npm'
elif ! (cd vscode && timeout 180 npm ci --no-audit --no-fund >/dev/null 2>&1); then
  skip 'the packages of editors/vscode cannot be fetched'
else
  (cd vscode && npm test && npm run package)
fi

echo '-- Neovim: recognised, coloured, served'
if have nvim && have cc; then neovim/test.sh; else skip 'no nvim'; fi
