// @ts-check
// As much of VS Code as the extension asks for: what was registered and shown can be looked at.
'use strict';

const fs = require('node:fs');
const { fileURLToPath, pathToFileURL } = require('node:url');

/** Anything that is only passed on: a class, a function and a namespace at once. @returns {any} */
function anything() {
  return new Proxy(class {}, {
    get: (target, name) => (name in target ? Reflect.get(target, name) : name === 'then' ? undefined : anything()),
    apply: () => ({ dispose() {} }),
  });
}

class Uri {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
  /** @param {string} text */
  static parse(text) {
    return new Uri(text);
  }
  /** @param {string} path */
  static file(path) {
    return new Uri(pathToFileURL(path).href);
  }
  get fsPath() {
    return fileURLToPath(this.text);
  }
  toString() {
    return this.text;
  }
}

const seen = {
  /** @type {Record<string, (...args: any[]) => any>} */
  commands: {},
  /** @type {any[]} */
  panels: [],
  /** @type {string[]} */
  warnings: [],
  /** @type {string[]} */
  documents: [],
  /** @type {Record<string, unknown>} */
  settings: {},
};

const channel = { info() {}, warn() {}, error() {}, show() {}, dispose() {}, append() {}, appendLine() {} };
const disposable = { dispose() {} };

const own = {
  Uri,
  ViewColumn: { Beside: -2 },
  ProgressLocation: { Notification: 15 },
  commands: {
    registerCommand(name, run) {
      seen.commands[name] = run;
      return disposable;
    },
    executeCommand: async (name, text) => (name === 'markdown.api.render' ? `<article>${text}</article>` : undefined),
  },
  window: {
    activeTextEditor: undefined,
    createOutputChannel: () => channel,
    createWebviewPanel(_kind, title) {
      const panel = { title, webview: { html: '' }, onDidDispose: () => disposable, dispose() {} };
      seen.panels.push(panel);
      return panel;
    },
    withProgress: (_options, work) => work({ report() {} }, { isCancellationRequested: false, onCancellationRequested: () => disposable }),
    showWarningMessage: async message => void seen.warnings.push(message),
    showErrorMessage: async message => void seen.warnings.push(message),
    showInformationMessage: async message => void seen.warnings.push(message),
    showQuickPick: async names => names[0],
    showTextDocument: async document => void seen.documents.push(document.getText()),
  },
  workspace: {
    isTrusted: true,
    workspaceFolders: undefined,
    getWorkspaceFolder: () => undefined,
    getConfiguration: () => ({ get: (key, otherwise) => seen.settings[key] ?? otherwise }),
    openTextDocument: async what => ({
      isDirty: false,
      getText: () => what.content ?? fs.readFileSync(what.fsPath, 'utf8'),
    }),
    onDidGrantWorkspaceTrust: () => disposable,
    onDidChangeConfiguration: () => disposable,
    createFileSystemWatcher: () => disposable,
  },
  tasks: { registerTaskProvider: () => disposable },
};

const fake = new Proxy(own, { get: (target, name) => (name in target ? Reflect.get(target, name) : anything()) });
module.exports = { fake, seen };
