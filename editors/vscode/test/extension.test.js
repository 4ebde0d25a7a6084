// @ts-check
// The extension in as much of VS Code as it asks for, with the program itself.
'use strict';

const assert = require('node:assert/strict');
const Module = require('node:module');
const path = require('node:path');
const { test } = require('node:test');
const { fake, seen } = require('./support/vscode');
const { program } = require('./support/program');
const server = require('../src/server');
const { contributes } = require('../package.json');

const load = /** @type {any} */ (Module)._load;
/** @type {any} */ (Module)._load = (/** @type {string} */ name, ...rest) => (name === 'vscode' ? fake : load(name, ...rest));
const extension = require('../src/extension');

const example = fake.Uri.file(path.join(__dirname, '../../../examples/mm1.sruja'));

test('without the program the extension says so and goes on', async () => {
  seen.settings.path = '/nowhere/sruja';
  await extension.activate(/** @type {any} */ ({ subscriptions: [] }));
  assert.match(seen.warnings.pop() ?? '', /There is no program “\/nowhere\/sruja”/);
  assert.deepEqual(Object.keys(seen.commands).sort(), contributes.commands.map(command => command.command).sort());
  await seen.commands['sruja.run'](String(example), 'Any');
  assert.match(seen.panels[0].webview.html, /There is no program/);
});

test('a scenario is run into a panel of its own, and its runs are listed', async context => {
  if ((await server.call(program, ['--version'])).missing) return context.skip(`there is no program ${program}`);
  seen.settings.path = program;
  process.env.SRUJA_NO_CACHE = '1';
  await seen.commands['sruja.run'](example);
  const { title, webview } = seen.panels[seen.panels.length - 1];
  assert.match(webview.html, /Content-Security-Policy/);
  assert.ok(webview.html.includes(title), webview.html.slice(0, 500));
  assert.doesNotMatch(webview.html, /class="(error|waiting)"/);
  const before = seen.panels.length;
  await seen.commands['sruja.run'](String(example), title);
  assert.equal(seen.panels.length, before);
  await seen.commands['sruja.expand'](String(example), title);
  assert.ok(seen.documents[0].startsWith(title), seen.documents[0]);
});

test('what the program refuses is shown', async context => {
  if ((await server.call(program, ['--version'])).missing) return context.skip(`there is no program ${program}`);
  await seen.commands['sruja.run'](String(example), 'NoSuchScenario');
  assert.match(seen.panels[seen.panels.length - 1].webview.html, /class="error"[^>]*>.*NoSuchScenario/s);
});
