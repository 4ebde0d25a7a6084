// @ts-check
// The program: where it is, how it is started, what it can do. Nothing here knows of VS Code, so that the tests start it
// in the same way.
'use strict';

const { execFile } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');

/**
 * The program that the setting `sruja.path` means.
 *
 * @param {string | undefined} setting
 * @param {string | undefined} folder of the workspace
 * @returns {string}
 */
function program(setting, folder) {
  const written = (setting || 'sruja').trim();
  const home = written === '~' || /^~[\\/]/.test(written) ? path.join(os.homedir(), written.slice(1)) : written;
  const whole = home.replaceAll('${workspaceFolder}', folder || '.');
  // A bare name is looked up in PATH; anything else is relative to the workspace.
  return /[\\/]/.test(whole) && !path.isAbsolute(whole) ? path.resolve(folder || '.', whole) : whole;
}

/**
 * How the language server is started.
 *
 * @param {string} command
 * @param {string | undefined} folder
 */
function launch(command, folder) {
  return { command, args: ['lsp'], options: { cwd: folder, env: environment() } };
}

/** The environment of the program: its output is read by a program. */
function environment() {
  return { ...process.env, NO_COLOR: '1' };
}

/**
 * @typedef {{ code: number, stdout: string, stderr: string, missing: boolean }} Outcome
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, signal?: AbortSignal }} [options]
 * @returns {Promise<Outcome>}
 */
function call(command, args, options = {}) {
  return new Promise(resolve => {
    const limits = { ...options, env: environment(), maxBuffer: 256 * 1024 * 1024, encoding: /** @type {const} */ ('utf8') };
    execFile(command, args, limits, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, stdout, stderr, missing: error?.code === 'ENOENT' });
    });
  });
}

/**
 * Whether this program has a language server.
 *
 * @param {string} command
 */
async function hasServer(command) {
  const { code, missing } = await call(command, ['lsp', '--help']);
  return { missing, server: code === 0 };
}

/**
 * The format in which a report is asked for: a page where the program can write one, else Markdown.
 *
 * @param {string} command
 * @returns {Promise<'html' | 'md'>}
 */
async function reportFormat(command) {
  const { stdout } = await call(command, ['run', '--help']);
  return /^\s*-?\s*html\b/m.test(stdout) || /possible values:[^\]]*\bhtml\b/.test(stdout) ? 'html' : 'md';
}

/**
 * What a run of a scenario is called with. A name is a glob: what would mean more is said as itself.
 *
 * @param {string} file
 * @param {string} scenario
 * @param {'html' | 'md'} format
 */
function runArguments(file, scenario, format) {
  return ['run', file, '--scenario', scenario.replace(/[*?[\]]/g, '[$&]'), '--format', format, '--progress', 'none'];
}

/**
 * @param {string} file
 * @param {string} scenario
 */
function expandArguments(file, scenario) {
  return ['expand', file, '--scenario', scenario.replace(/[*?[\]]/g, '[$&]')];
}

/**
 * The scenarios that a text declares and that can be run, as far as that can be told from their heads.
 *
 * @param {string} text
 * @returns {string[]}
 */
function scenarios(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"/g, all => (all[0] === '/' ? ' ' : '""'));
  const heads = /(?<![\w.-])(abstract\s+)?scenario\s+([\p{L}_][\p{L}\p{N}_-]*)[^{}\n]*\{|(?<![\w.-])([\p{L}_][\p{L}\p{N}_-]*)\s*=\s*scenario\b/gu;
  const found = [...code.matchAll(heads)].filter(head => !head[1] && !/\babstract\b/.test(head[0]));
  return [...new Set(found.map(head => head[2] ?? head[3]))];
}

module.exports = { call, expandArguments, hasServer, launch, program, reportFormat, runArguments, scenarios };
