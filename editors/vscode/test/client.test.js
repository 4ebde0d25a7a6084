// @ts-check
// The language client, without an editor around it, against the program itself.
'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const {
  CodeLensRequest,
  CompletionRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
} = require('vscode-languageserver-protocol/node');
const server = require('../src/server');
const { program } = require('./support/program');

const BROKEN = `Shop = system "Shop" {
  Api = service "API"
}
User = person "User"
User -> Shop.Apii "buys"
scenario Busy { load = 100..500 step 100  duration 5s }
`;

/** @param {() => Promise<any>} answer @param {string} what */
function within(answer, what) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`no ${what} in 20 s`)), 20_000)));
  return Promise.race([answer(), late]).finally(() => clearTimeout(timer));
}

class Session {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    const { command, args, options } = server.launch(program, folder);
    this.process = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    this.said = '';
    this.process.stderr.on('data', data => (this.said += data));
    this.exit = new Promise(resolve => this.process.on('exit', resolve));
    const input = new StreamMessageReader(this.process.stdout);
    this.connection = createProtocolConnection(input, new StreamMessageWriter(this.process.stdin));
    /** @type {Map<string, import('vscode-languageserver-protocol').PublishDiagnosticsParams>} */
    this.published = new Map();
    /** @type {(() => void)[]} */
    this.waiting = [];
    this.connection.onNotification(PublishDiagnosticsNotification.type, found => {
      this.published.set(found.uri, found);
      for (const look of this.waiting.splice(0)) look();
    });
    // What a client is asked for: settings, and leave to register capabilities.
    this.connection.onRequest('workspace/configuration', ({ items }) => items.map(() => ({ hints: { capacity: true } })));
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('window/workDoneProgress/create', () => null);
    for (const refresh of ['inlayHint', 'codeLens', 'semanticTokens', 'diagnostic']) {
      this.connection.onRequest(`workspace/${refresh}/refresh`, () => null);
    }
    this.connection.listen();
  }

  /** @param {string} name */
  uri(name) {
    return pathToFileURL(path.join(this.folder, name)).href;
  }

  /** @returns {Promise<import('vscode-languageserver-protocol').InitializeResult>} */
  initialize() {
    const folder = { uri: pathToFileURL(this.folder).href, name: 'test' };
    return this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: folder.uri,
      workspaceFolders: [folder],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: {
          publishDiagnostics: { relatedInformation: true, versionSupport: true },
          completion: { completionItem: { snippetSupport: true } },
          hover: { contentFormat: ['markdown'] },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        },
      },
    });
  }

  /**
   * The next diagnostics of a file that satisfy `wanted`.
   *
   * @param {string} uri
   * @param {(found: import('vscode-languageserver-protocol').Diagnostic[]) => boolean} wanted
   */
  diagnostics(uri, wanted) {
    return within(async () => {
      for (;;) {
        const found = this.published.get(uri);
        if (found && wanted(found.diagnostics)) return found.diagnostics;
        await /** @type {Promise<void>} */ (new Promise(resolve => this.waiting.push(resolve)));
      }
    }, 'diagnostics');
  }

  async end() {
    await within(() => this.connection.sendRequest(ShutdownRequest.type), 'answer to shutdown');
    await this.connection.sendNotification(ExitNotification.type);
    return within(() => this.exit, 'end');
  }
}

/** Why there is nothing to talk to; `false` when there is. */
function absence() {
  const { error, status } = spawnSync(program, ['lsp', '--help']);
  if (error) return `there is no program ${program}`;
  return status === 0 ? false : `${program} has no command \`lsp\`: it is an older version`;
}
const skip = absence();

describe('the language client', { skip }, () => {
  /** @type {Session} */
  let session;
  /** @type {string} */
  let folder;
  /** @type {import('vscode-languageserver-protocol').InitializeResult} */
  let announced;

  before(async () => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'sruja-client-')));
    fs.writeFileSync(path.join(folder, 'shop.sruja'), BROKEN);
    session = new Session(folder);
    announced = await within(() => session.initialize(), 'answer to initialize');
    await session.connection.sendNotification(InitializedNotification.type, {});
    await session.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri: session.uri('shop.sruja'), languageId: 'sruja', version: 1, text: BROKEN },
    });
  });

  after(() => {
    session.process.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('hears what the server can do', () => {
    const { capabilities } = announced;
    for (const feature of /** @type {const} */ (['completionProvider', 'hoverProvider', 'definitionProvider', 'codeLensProvider', 'documentFormattingProvider'])) {
      assert.ok(capabilities[feature], feature);
    }
  });

  test('shows what check says', async () => {
    const { stdout } = await server.call(program, ['check', '--format', 'json', 'shop.sruja'], { cwd: folder });
    const wanted = JSON.parse(stdout).diagnostics;
    assert.ok(wanted.length > 0);
    const found = await session.diagnostics(session.uri('shop.sruja'), found => found.length > 0);
    const said = wanted.map(said => `${said.code} ${said.span.start.line}:${said.span.start.column}`);
    const shown = found.map(shown => `${shown.code} ${shown.range.start.line + 1}:${shown.range.start.character + 1}`);
    assert.deepEqual(shown.sort(), said.sort());
    // An editor shows the label and the help with the message.
    for (const { message } of wanted) assert.ok(found.some(shown => shown.message.startsWith(message)), message);
  });

  test('sees a correction as it is typed', async () => {
    const line = BROKEN.split('\n').findIndex(line => line.includes('Apii'));
    const character = BROKEN.split('\n')[line].indexOf('Apii') + 3;
    await session.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: session.uri('shop.sruja'), version: 2 },
      contentChanges: [{ range: { start: { line, character }, end: { line, character: character + 1 } }, text: '' }],
    });
    const errors = found => found.filter(found => found.severity === 1);
    const found = await session.diagnostics(session.uri('shop.sruja'), found => errors(found).length === 0);
    assert.deepEqual(errors(found), []);
  });

  test('gets commands above a scenario that the extension has', async () => {
    const uri = session.uri('shop.sruja');
    const lenses = await session.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
    const own = require('../package.json').contributes.commands.map(command => command.command);
    const commands = (lenses ?? []).map(lens => lens.command).filter(command => command !== undefined);
    const run = commands.find(command => command.command === 'sruja.run');
    assert.deepEqual(run?.arguments, [uri, 'Busy']);
    assert.ok(commands.some(command => command.command === 'sruja.expand'));
    for (const command of commands) assert.ok(!command.command || own.includes(command.command), command.command);
  });

  test('gets completions, hovers, symbols and a format', async () => {
    const textDocument = { uri: session.uri('shop.sruja') };
    const place = { textDocument, position: { line: 5, character: 17 } };
    const completion = await session.connection.sendRequest(CompletionRequest.type, place);
    const items = Array.isArray(completion) ? completion : (completion?.items ?? []);
    assert.ok(items.length > 0);
    const hover = await session.connection.sendRequest(HoverRequest.type, { textDocument, position: { line: 1, character: 3 } });
    assert.ok(hover);
    const symbols = await session.connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
    assert.ok(symbols?.some(symbol => symbol.name.includes('Shop')));
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await session.connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options });
    assert.ok(edits === null || Array.isArray(edits));
  });

  test('ends the server in an orderly way', async () => {
    assert.equal(await session.end(), 0, session.said);
  });
});
