#!/usr/bin/env bash
# Installs into a folder of its own as README.md says, and looks whether a file is recognised, coloured and served.
set -euo pipefail
cd "$(dirname "$0")/../.."
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/.config XDG_DATA_HOME=$home/.local/share XDG_STATE_HOME=$home/.local/state XDG_CACHE_HOME=$home/.cache

# The commands of the page itself.
install=$(sed -n '/^```sh$/,/^```$/p' editors/neovim/README.md | sed '1d;$d')
bash -euo pipefail -c "$install"

cat > "$home/look.lua" <<'LUA'
local failed = false
local function expect(what, found, wanted)
  local same = vim.inspect(found) == vim.inspect(wanted)
  failed = failed or not same
  print((same and 'ok    ' or 'FAILED ') .. what .. ': ' .. vim.inspect(found))
end
expect('filetype', vim.bo.filetype, 'sruja')
expect('comments', vim.bo.commentstring, '// %s')
local tree = vim.treesitter.get_parser(0, 'sruja'):parse()[1]
expect('syntax', { tree:root():type(), tree:root():has_error() }, { 'source_file', false })
for _, name in ipairs({ 'highlights', 'folds', 'indents', 'locals', 'injections' }) do
  local get = vim.treesitter.query and vim.treesitter.query.get or require('vim.treesitter.query').get_query
  expect('query ' .. name, get('sruja', name) ~= nil, true)
end
expect('colours', vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()] ~= nil, true)
if os.getenv('SERVED') == 'yes' then
  local served = vim.wait(5000, function() return #vim.tbl_values(vim.lsp.buf_get_clients(0)) > 0 end)
  expect('language server', served, true)
  vim.cmd('edit sruja-std:///kinds.sruja')
  expect('the standard library opens', vim.api.nvim_buf_line_count(0) > 10, true)
end
vim.cmd(failed and 'cquit' or 'quit!')
LUA

program=${SRUJA:-sruja}
served=no
if "$program" lsp --help >/dev/null 2>&1; then served=yes; else echo "language server: skipped, $program has none"; fi
SERVED=$served nvim --headless --cmd "let g:sruja_path = '$program'" examples/shop.sruja -c "luafile $home/look.lua" 2>&1
