// @ts-check
// A picture of a file as an editor shows it: colours by the grammar, lenses and hints by the program. Needs Chromium.
//
//   npm run picture -- ../../examples/shop.sruja shop.png [first line] [last line]
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const oniguruma = require('vscode-oniguruma');
const lsp = require('vscode-languageserver-protocol/node');
const { INITIAL, Registry, parseRawGrammar } = require('vscode-textmate');
const { escape } = require('../src/page');
const server = require('../src/server');
const { program } = require('../test/support/program');

const [file, out, from = '1', to = '100000'] = process.argv.slice(2);
const text = fs.readFileSync(file, 'utf8');
const lines = text.split('\n');

/** Each line as HTML, without what the server adds: pieces of text with their columns and colours. */
async function coloured() {
  const wasm = fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const grammarFile = path.join(__dirname, '../syntaxes/sruja.tmLanguage.json');
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: patterns => new oniguruma.OnigScanner(patterns),
      createOnigString: string => new oniguruma.OnigString(string),
    }),
    theme: require('./theme.json'),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(grammarFile, 'utf8'), grammarFile),
  });
  const grammar = await registry.loadGrammar('source.sruja');
  const colours = registry.getColorMap();
  let state = INITIAL;
  return lines.map(line => {
    const { tokens, ruleStack } = /** @type {NonNullable<typeof grammar>} */ (grammar).tokenizeLine2(line, state);
    state = ruleStack;
    const pieces = [];
    for (let at = 0; at < tokens.length; at += 2) {
      const colour = colours[(tokens[at + 1] & 0xff8000) >>> 15];
      pieces.push({ start: tokens[at], end: tokens[at + 2] ?? line.length, colour });
    }
    return pieces;
  });
}

/** What the server adds: by line, hints with their columns, and lenses. */
async function added() {
  /** @type {{ hints: import('vscode-languageserver-protocol').InlayHint[], lenses: import('vscode-languageserver-protocol').CodeLens[] }} */
  const nothing = { hints: [], lenses: [] };
  if (!(await server.hasServer(program)).server) return nothing;
  const folder = path.dirname(path.resolve(file));
  const { command, args, options } = server.launch(program, folder);
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = lsp.createProtocolConnection(new lsp.StreamMessageReader(child.stdout), new lsp.StreamMessageWriter(child.stdin));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', ({ items }) => items.map(() => ({ hints: { capacity: true } })));
  connection.onRequest('workspace/inlayHint/refresh', () => null);
  connection.onRequest('workspace/codeLens/refresh', () => null);
  connection.listen();
  const workspace = { uri: pathToFileURL(folder).href, name: 'picture' };
  await connection.sendRequest(lsp.InitializeRequest.type, {
    processId: process.pid,
    rootUri: workspace.uri,
    workspaceFolders: [workspace],
    capabilities: { textDocument: { inlayHint: {} } },
    initializationOptions: { hints: { capacity: true } },
  });
  await connection.sendNotification(lsp.InitializedNotification.type, {});
  const uri = pathToFileURL(path.resolve(file)).href;
  const said = new Promise(resolve => connection.onNotification(lsp.PublishDiagnosticsNotification.type, resolve));
  await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: 'sruja', version: 1, text },
  });
  await said;
  // Hints come when they are ready: they never hold up typing.
  await new Promise(resolve => setTimeout(resolve, 2000));
  const whole = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
  const hints = (await connection.sendRequest(lsp.InlayHintRequest.type, { textDocument: { uri }, range: whole })) ?? [];
  const lenses = (await connection.sendRequest(lsp.CodeLensRequest.type, { textDocument: { uri } })) ?? [];
  child.kill();
  return { hints, lenses };
}

/** @param {import('vscode-languageserver-protocol').InlayHint} hint */
function box(hint) {
  const label = typeof hint.label === 'string' ? hint.label : hint.label.map(part => part.value).join('');
  // Not every machine has a font with the red circle.
  const shown = escape(label).replace('🔴', '<span class="over">●</span>');
  return `<span class="hint">${shown}</span>`;
}

async function main() {
  const [colours, { hints, lenses }] = [await coloured(), await added()];
  const html = [];
  for (let at = Number(from) - 1; at < Math.min(lines.length, Number(to)); at++) {
    const titles = lenses.filter(lens => lens.range.start.line === at).map(lens => lens.command?.title ?? '');
    const indent = ' '.repeat(lines[at].length - lines[at].trimStart().length);
    if (titles.length) html.push(`<div class="lens">      ${indent}${escape(titles.join(' | '))}</div>`);
    const own = hints.filter(hint => hint.position.line === at);
    const pieces = colours[at].flatMap(({ start, end, colour }) => {
      // A hint may stand within a piece.
      const cuts = [...new Set([start, ...own.map(hint => hint.position.character).filter(c => c > start && c < end), end])];
      return cuts.slice(0, -1).map((cut, n) => ({ start: cut, end: cuts[n + 1], colour }));
    });
    const code = pieces.map(({ start, end, colour }) => {
      const before = own.filter(hint => hint.position.character === start).map(box);
      return `${before.join('')}<span style="color:${colour}">${escape(lines[at].slice(start, end))}</span>`;
    });
    const behind = own.filter(hint => hint.position.character >= lines[at].length).map(box);
    html.push(`<div><span class="number">${String(at + 1).padStart(4)}</span>  ${code.join('')}${behind.join('')}</div>`);
  }
  const style = `body{margin:0;background:#1e1e1e;color:#d4d4d4} pre{margin:0;padding:12px 16px;font:13px/1.5 'DejaVu Sans Mono',monospace}
    .number{color:#858585} .lens{color:#999;font-size:11px} .hint{color:#969696;background:#2d2d2d;border-radius:3px;padding:0 4px;margin:0 4px;font-size:11px}
    .over{color:#f14c4c}`;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sruja-picture-'));
  const page = path.join(folder, 'page.html');
  fs.writeFileSync(page, `<!DOCTYPE html><meta charset="utf-8"><style>${style}</style><pre>${html.join('')}</pre>`);
  const height = Math.ceil(html.length * 19.5 + 40);
  const chromium = process.env.CHROMIUM || 'chromium';
  execFileSync(chromium, ['--headless', '--no-sandbox', '--hide-scrollbars', `--window-size=1080,${height}`, `--screenshot=${path.resolve(out)}`, pathToFileURL(page).href], { stdio: 'ignore' });
  fs.rmSync(folder, { recursive: true });
}

void main();
