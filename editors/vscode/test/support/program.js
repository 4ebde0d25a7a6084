// @ts-check
// The program that the tests start: `SRUJA`, else what was built last, else the one in PATH.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const target = process.env.CARGO_TARGET_DIR || path.join(__dirname, '../../../../target');
const built = ['release', 'debug'].map(profile => path.join(target, profile, 'sruja')).filter(file => fs.existsSync(file));
built.sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);

module.exports = { program: process.env.SRUJA || built[0] || 'sruja' };
