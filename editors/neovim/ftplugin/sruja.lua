-- Colours by tree-sitter, everything else by the language server. Neovim 0.7 or newer.
if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

local buffer = vim.api.nvim_get_current_buf()
vim.bo.commentstring = '// %s'
vim.bo.comments = 's1:/*,mb:*,ex:*/,://'
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
vim.b.undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop<'

-- Without the parser the file stays plain: `README.md` says how it is built.
if pcall(vim.treesitter.get_parser, buffer, 'sruja') then
  if vim.treesitter.start then
    vim.treesitter.start(buffer, 'sruja')
    vim.wo.foldexpr = 'v:lua.vim.treesitter.foldexpr()'
  else
    require('vim.treesitter.highlighter').new(vim.treesitter.get_parser(buffer, 'sruja'))
  end
end

local command = vim.g.sruja_path or 'sruja'
if vim.fn.executable(command) == 0 then
  return
end

local file = vim.api.nvim_buf_get_name(buffer)
-- A text of the standard library lies on no disk: the server has it.
if file:match('^sruja%-std:') then
  return
end
local marks = vim.fs and vim.fs.find({ 'sruja.toml', '.git' }, { upward = true, path = vim.fn.fnamemodify(file, ':h') })
local root = marks and marks[1] and vim.fn.fnamemodify(marks[1], ':h') or vim.fn.getcwd()
local can = vim.lsp.protocol.make_client_capabilities()
can.workspace.textDocumentContent = vim.empty_dict()
local config = {
  name = 'sruja',
  capabilities = can,
  cmd = { command, 'lsp' },
  root_dir = root,
  settings = { sruja = { hints = { capacity = vim.g.sruja_hints ~= false } } },
  commands = {},
}

-- Behind the lenses above a scenario: its report, or the list of its runs, in a terminal.
local function in_terminal(verb)
  return function(lens)
    local uri, scenario = unpack(lens.arguments)
    vim.cmd('botright split')
    vim.cmd('enew')
    vim.fn.termopen({ command, verb, vim.uri_to_fname(uri), '--scenario', scenario })
  end
end
config.commands['sruja.run'] = in_terminal('run')
config.commands['sruja.expand'] = in_terminal('expand')

-- Definitions in the standard library: `sruja-std:///kinds.sruja`.
vim.api.nvim_create_autocmd('BufReadCmd', {
  pattern = 'sruja-std://*',
  group = vim.api.nvim_create_augroup('sruja-std', {}),
  callback = function(event)
    local get = vim.lsp.get_clients or vim.lsp.get_active_clients
    for _, client in ipairs(get()) do
      if client.name == 'sruja' then
        local answer = client.request_sync('workspace/textDocumentContent', { uri = event.match }, 5000, event.buf)
        local text = answer and answer.result and answer.result.text or ''
        vim.api.nvim_buf_set_lines(event.buf, 0, -1, false, vim.split(text, '\n'))
        vim.bo[event.buf].buftype = 'nofile'
        vim.bo[event.buf].modifiable = false
        vim.bo[event.buf].filetype = 'sruja'
        return
      end
    end
  end,
})

config.on_attach = function(client, attached)
  if vim.lsp.inlay_hint and client.server_capabilities.inlayHintProvider then
    vim.lsp.inlay_hint.enable(true, { bufnr = attached })
  end
  if client.server_capabilities.codeLensProvider then
    vim.lsp.codelens.refresh({ bufnr = attached })
  end
end

if vim.lsp.start then
  vim.lsp.start(config)
else
  -- Neovim 0.7: one client for all buffers.
  vim.g.sruja_client = vim.g.sruja_client or vim.lsp.start_client(config)
  vim.lsp.buf_attach_client(buffer, vim.g.sruja_client)
end
