// @ts-check
'use strict';

const assert = require('node:assert/strict');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const page = require('../src/page');
const server = require('../src/server');
const contributes = require('../package.json').contributes;

test('the setting may be a name, a path, or a path of the workspace', () => {
  assert.equal(server.program(undefined, '/w'), 'sruja');
  assert.equal(server.program('sruja-next', '/w'), 'sruja-next');
  assert.equal(server.program('/opt/sruja', '/w'), '/opt/sruja');
  assert.equal(server.program('target/release/sruja', '/w'), '/w/target/release/sruja');
  assert.equal(server.program('${workspaceFolder}/bin/sruja', '/w'), '/w/bin/sruja');
  assert.equal(server.program('~/bin/sruja', '/w'), path.join(os.homedir(), 'bin/sruja'));
});

test('scenarios that can be run are found by their heads', () => {
  const text = `
    // scenario Comment { }
    Note = system "scenario Text {" { }
    abstract scenario Template { load = 5 }
    scenario LoadScale "Load scale" { load = 100..500 }
    scenario Outage extends Template {
    }
    Buy = scenario "Buy" { step A -> B }
    scenario Later abstract { }
    scenario Äpfel { }`;
  assert.deepEqual(server.scenarios(text), ['LoadScale', 'Outage', 'Buy', 'Äpfel']);
});

test('a name that is a glob is said as itself', () => {
  assert.deepEqual(server.runArguments('a.sruja', 'S*', 'md').slice(0, 4), ['run', 'a.sruja', '--scenario', 'S[*]']);
});

test('a page runs no scripts but its own, and fetches nothing', () => {
  const html = page.own('<html><head><title>R</title></head><body><script>draw()</script></body></html>');
  const nonce = /script-src 'nonce-([^']+)'/.exec(html)?.[1];
  assert.ok(nonce);
  assert.match(html, /<head><meta http-equiv="Content-Security-Policy" content="default-src 'none'/);
  assert.ok(html.includes(`<script nonce="${nonce}">draw()`));
  assert.ok(page.failure('S', '<script>').includes('&lt;script&gt;'));
});

/** @param {string} name @param {string} text */
function found(name, text) {
  const matcher = contributes.problemMatchers.find(matcher => matcher.name === name);
  assert.ok(matcher);
  const lines = text.split('\n');
  const problems = [];
  for (let at = 0; at + matcher.pattern.length <= lines.length; at++) {
    /** @type {Record<string, string>} */
    const problem = {};
    const fits = matcher.pattern.every((pattern, further) => {
      const match = new RegExp(pattern.regexp).exec(lines[at + further]);
      for (const [key, group] of Object.entries(pattern)) if (typeof group === 'number' && match) problem[key] = match[group];
      return match;
    });
    if (fits) problems.push(problem);
  }
  return problems;
}

test('the problem matchers read what the program writes', async context => {
  const { program } = require('./support/program');
  const folder = path.join(__dirname, '../../..');
  const file = 'tests/corpus/bad/five-mistakes.sruja';
  const github = await server.call(program, ['check', '--format', 'github', file], { cwd: folder });
  if (github.missing) return context.skip(`there is no program ${program}`);
  const text = await server.call(program, ['check', file], { cwd: folder });
  const wanted = ['E0106 7:7', 'E0201 12:9', 'E0110 15:17', 'E0204 19:20', 'E0205 24:10'];
  const place = (/** @type {Record<string, string>} */ problem) => `${problem.code} ${problem.line}:${problem.column}`;
  assert.deepEqual(found('sruja', github.stdout).map(place), wanted);
  assert.deepEqual(found('sruja-text', text.stdout).map(place), wanted);
  const [first] = found('sruja', github.stdout);
  assert.equal(first.message, '`=>` means nothing here');
  assert.equal(first.file, file);
  assert.equal(first.severity, 'error');
});

test('a run of a scenario gives a report that can be shown', async context => {
  const { program } = require('./support/program');
  const example = path.join(__dirname, '../../../examples/mm1.sruja');
  const [name] = server.scenarios(require('node:fs').readFileSync(example, 'utf8'));
  const format = await server.reportFormat(program);
  const outcome = await server.call(program, [...server.runArguments(example, name, format), '--no-cache']);
  if (outcome.missing) return context.skip(`there is no program ${program}`);
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.match(outcome.stdout, format === 'html' ? /<html/i : /^# /);
  const runs = await server.call(program, server.expandArguments(example, name));
  assert.equal(runs.code, 0, runs.stderr);
  assert.ok(runs.stdout.trim().split('\n').length > 0);
});
