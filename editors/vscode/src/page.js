// @ts-check
// What stands in the webview: the program's own page, or its Markdown as one.
'use strict';

const crypto = require('node:crypto');

/** @param {string} text */
function escape(text) {
  const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, sign => signs[/** @type {keyof typeof signs} */ (sign)]);
}

const STYLE = `
  body { max-width: 70rem; margin: 0 auto; padding: 1rem 1.5rem 3rem; font-size: var(--vscode-font-size); line-height: 1.5; }
  h1 { font-size: 1.4rem; font-weight: 600; }
  h2 { font-size: 1.1rem; font-weight: 600; margin-top: 2rem; padding-bottom: .2rem; border-bottom: 1px solid var(--vscode-widget-border, #8884); }
  table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
  th, td { padding: .15rem .8rem .15rem 0; text-align: left; }
  th { font-weight: 600; color: var(--vscode-descriptionForeground); border-bottom: 1px solid var(--vscode-widget-border, #8884); }
  [style*="right"], [align="right"] { text-align: right; }
  pre { overflow-x: auto; padding: .6rem .8rem; background: var(--vscode-textCodeBlock-background); border-radius: 4px; line-height: 1.25; }
  code, pre { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
  .error { white-space: pre-wrap; color: var(--vscode-errorForeground); }
  .waiting { color: var(--vscode-descriptionForeground); }
`;

/**
 * A page without scripts around \`body\`.
 *
 * @param {string} title
 * @param {string} body
 */
function frame(title, body) {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${STYLE}</style></head>
<body>${body}</body></html>`;
}

/** @param {string} scenario */
function waiting(scenario) {
  return frame(scenario, `<h1>${escape(scenario)}</h1><p class="waiting" role="status">Simulating …</p>`);
}

/**
 * @param {string} scenario
 * @param {string} message
 */
function failure(scenario, message) {
  return frame(scenario, `<h1>${escape(scenario)}</h1><pre class="error" role="alert">${escape(message)}</pre>`);
}

/**
 * The program's own page is kept as it is; nothing may be fetched from anywhere, and only its own scripts run.
 *
 * @param {string} html
 */
function own(html) {
  const nonce = crypto.randomBytes(16).toString('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; script-src 'nonce-${nonce}'`;
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  const allowed = html.replace(/<script(?=[\s>])(?![^>]*\ssrc=)/gi, `<script nonce="${nonce}"`);
  return /<head[^>]*>/i.test(allowed) ? allowed.replace(/<head[^>]*>/i, head => head + meta) : meta + allowed;
}

module.exports = { escape, failure, frame, own, waiting };
