// @ts-check
'use strict';

const path = require('node:path');
const vscode = require('vscode');
const { LanguageClient, Trace } = require('vscode-languageclient/node');
const page = require('./page');
const server = require('./server');

/** @type {import('vscode-languageclient/node').LanguageClient | undefined} */
let client;
/** @type {vscode.LogOutputChannel} */
let output;

/** The folder that a file belongs to. @param {vscode.Uri} [uri] */
function folderOf(uri) {
  const folder = uri && vscode.workspace.getWorkspaceFolder(uri);
  return (folder ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath;
}

/** @param {vscode.Uri} [uri] */
function program(uri) {
  return server.program(vscode.workspace.getConfiguration('sruja', uri).get('path'), folderOf(uri));
}

// ---- the language server

async function start() {
  if (!vscode.workspace.isTrusted) return;
  const command = program();
  const { missing, server: found } = await server.hasServer(command);
  if (!found) return explainAbsence(command, missing);
  const run = server.launch(command, folderOf());
  client = new LanguageClient(
    'sruja',
    'sruja',
    { run, debug: run },
    {
      // Files of the standard library are the server's own.
      documentSelector: [
        { scheme: 'file', language: 'sruja' },
        { scheme: 'untitled', language: 'sruja' },
      ],
      synchronize: {
        configurationSection: 'sruja',
        fileEvents: [
          vscode.workspace.createFileSystemWatcher('**/*.sruja'),
          vscode.workspace.createFileSystemWatcher('**/sruja.toml'),
        ],
      },
      initializationOptions: { hints: { capacity: vscode.workspace.getConfiguration('sruja').get('hints.capacity', true) } },
      outputChannel: output,
      // The commands behind code lenses are ours; the client would otherwise claim them for itself.
      middleware: { executeCommand: (name, args, next) => ours(name, args) ?? next(name, args) },
    },
  );
  withoutCommands(client);
  try {
    await client.start();
    await trace();
  } catch (error) {
    output.error(String(error));
    void vscode.window.showErrorMessage(`The language server of sruja did not start: ${error}`);
  }
}

/**
 * `sruja.run` and `sruja.expand` are commands of this extension, whatever the server announces.
 *
 * @param {LanguageClient} client
 */
function withoutCommands(client) {
  client.registerFeature({
    fillClientCapabilities() {},
    preInitialize(capabilities) {
      const provider = capabilities.executeCommandProvider;
      if (provider) provider.commands = provider.commands.filter(name => !(name in OURS));
    },
    initialize() {},
    getState: () => ({ kind: 'static' }),
    clear() {},
  });
}

/** @type {Record<string, (...args: any[]) => unknown>} */
const OURS = { 'sruja.run': runScenario, 'sruja.expand': expandScenario };

/**
 * @param {string} name
 * @param {any[]} args
 */
function ours(name, args) {
  return name in OURS ? Promise.resolve(OURS[name](...args)) : undefined;
}

async function trace() {
  const level = vscode.workspace.getConfiguration('sruja').get('trace.server', 'off');
  await client?.setTrace(Trace.fromString(level));
}

/**
 * @param {string} command
 * @param {boolean} missing
 */
async function explainAbsence(command, missing) {
  const message = missing
    ? `There is no program “${command}”. Install sruja, or say in the setting sruja.path where it is; files are only coloured until then.`
    : `“${command}” has no language server: it is an older version. Files are only coloured; scenarios can be run.`;
  output.warn(message);
  const choice = await vscode.window.showWarningMessage(message, 'Open the Setting');
  if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'sruja.path');
}

async function stop() {
  const old = client;
  client = undefined;
  // A server that does not answer any more must not keep a new one from starting.
  await old?.dispose(2000).catch(error => output.warn(String(error)));
}

async function restart() {
  await stop();
  await start();
}

// ---- scenarios

/**
 * The file and the scenario that are meant: those of a code lens, or those the user points at.
 *
 * @param {unknown} [file]
 * @param {unknown} [scenario]
 * @returns {Promise<{ uri: vscode.Uri, scenario: string } | undefined>}
 */
async function chosen(file, scenario) {
  const uri = typeof file === 'string' ? vscode.Uri.parse(file) : file instanceof vscode.Uri ? file : vscode.window.activeTextEditor?.document.uri;
  if (!uri) {
    void vscode.window.showInformationMessage('Open a .sruja file first.');
    return undefined;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  // The program reads files, not editors.
  if (document.isDirty && !(await document.save())) return undefined;
  if (typeof scenario === 'string') return { uri, scenario };
  const names = server.scenarios(document.getText());
  if (names.length === 0) {
    void vscode.window.showInformationMessage(`${path.basename(uri.fsPath)} has no scenario.`);
    return undefined;
  }
  const name = names.length === 1 ? names[0] : await vscode.window.showQuickPick(names, { placeHolder: 'Which scenario?' });
  return name === undefined ? undefined : { uri, scenario: name };
}

/**
 * Runs the program and can be cancelled.
 *
 * @param {string} title
 * @param {vscode.Uri} uri
 * @param {string[]} args
 */
function called(title, uri, args) {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    output.info([program(uri), ...args].join(' '));
    const outcome = await server.call(program(uri), args, { cwd: folderOf(uri), signal: abort.signal });
    if (outcome.stderr) output.info(outcome.stderr.trimEnd());
    return { ...outcome, cancelled: token.isCancellationRequested };
  });
}

/**
 * @param {{ missing: boolean, stdout: string, stderr: string }} outcome
 * @param {vscode.Uri} uri
 */
function complaint(outcome, uri) {
  return outcome.missing ? `There is no program “${program(uri)}”.` : outcome.stderr || outcome.stdout || 'The program said nothing.';
}

/** @type {Map<string, vscode.WebviewPanel>} */
const panels = new Map();

/**
 * One panel for each scenario; a further run takes the place of the one before.
 *
 * @param {vscode.Uri} uri
 * @param {string} scenario
 */
function panelOf(uri, scenario) {
  const key = `${uri}\n${scenario}`;
  const open = panels.get(key);
  if (open) return open;
  const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  const panel = vscode.window.createWebviewPanel('sruja.report', scenario, column, {
    enableScripts: true,
    enableFindWidget: true,
    retainContextWhenHidden: true,
    localResourceRoots: [],
  });
  panel.onDidDispose(() => panels.delete(key));
  panels.set(key, panel);
  return panel;
}

/**
 * @param {unknown} [file]
 * @param {unknown} [name]
 */
async function runScenario(file, name) {
  const choice = await chosen(file, name);
  if (!choice) return;
  const { uri, scenario } = choice;
  const panel = panelOf(uri, scenario);
  panel.webview.html = page.waiting(scenario);
  const format = await server.reportFormat(program(uri));
  const outcome = await called(`Running ${scenario}`, uri, server.runArguments(uri.fsPath, scenario, format));
  if (outcome.cancelled) return panel.dispose();
  // Violated expectations and partial results have a report as well.
  if (!outcome.stdout.trim() || outcome.code === 2) {
    panel.webview.html = page.failure(scenario, complaint(outcome, uri));
  } else if (format === 'html') {
    panel.webview.html = page.own(outcome.stdout);
  } else {
    /** @type {string} */
    const body = await vscode.commands.executeCommand('markdown.api.render', outcome.stdout);
    panel.webview.html = page.frame(scenario, body);
  }
}

/**
 * @param {unknown} [file]
 * @param {unknown} [name]
 */
async function expandScenario(file, name) {
  const choice = await chosen(file, name);
  if (!choice) return;
  const outcome = await called(`Listing the runs of ${choice.scenario}`, choice.uri, server.expandArguments(choice.uri.fsPath, choice.scenario));
  if (outcome.cancelled) return;
  if (outcome.code !== 0) {
    void vscode.window.showErrorMessage(complaint(outcome, choice.uri).split('\n')[0]);
    return;
  }
  const document = await vscode.workspace.openTextDocument({ content: outcome.stdout, language: 'plaintext' });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
}

// ---- tasks

/** @type {vscode.TaskProvider} */
const tasks = {
  provideTasks: () => [checkTask({ type: 'sruja', command: 'check' })],
  resolveTask: task => (task.definition.command === 'check' ? checkTask(task.definition) : undefined),
};

/** @param {vscode.TaskDefinition} definition */
function checkTask(definition) {
  const args = ['check', '--format', 'github', ...(definition.args ?? ['.'])];
  const execution = new vscode.ProcessExecution(program(), args);
  const task = new vscode.Task(definition, vscode.TaskScope.Workspace, 'check', 'sruja', execution, '$sruja');
  task.group = vscode.TaskGroup.Test;
  return task;
}

// ---- the extension

/** @param {vscode.ExtensionContext} context */
async function activate(context) {
  output = vscode.window.createOutputChannel('sruja', { log: true });
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand('sruja.run', runScenario),
    vscode.commands.registerCommand('sruja.expand', expandScenario),
    vscode.commands.registerCommand('sruja.restart', restart),
    vscode.commands.registerCommand('sruja.showOutput', () => output.show()),
    vscode.tasks.registerTaskProvider('sruja', tasks),
    vscode.workspace.onDidGrantWorkspaceTrust(start),
    vscode.workspace.onDidChangeConfiguration(async change => {
      if (change.affectsConfiguration('sruja.path')) await restart();
      else if (change.affectsConfiguration('sruja.trace.server')) await trace();
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
