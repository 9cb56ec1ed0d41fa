/**
 * Serves the built pages over simulated data, to view them: `npm run build && npm run dev [port]`.
 * Every scenario of fixtures.mjs is a base path: /running/, /big/, …; also /report.html and /auth/<form>.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUTH, LOGS, reportArgs, SCENARIOS, TASKS } from './fixtures.mjs';

const DIST = fileURLToPath(new URL('../../python/locust_rs/webui/dist/', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };
const NONCE = 'dev';
const POLICY = `default-src 'none'; script-src 'self' 'nonce-${NONCE}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const asJson = value =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll("'", '\\u0027');

/** Implements the part of Jinja that the pages use. */
async function page(name, values) {
  const template = await readFile(join(DIST, name), 'utf8');
  return template
    .split(/(\{% raw %\}[\s\S]*?\{% endraw %\})/)
    .map(part =>
      part.startsWith('{% raw %}')
        ? part.slice(9, -12)
        : part.replace(/\{\{ (\w+)((?:\|[^}]*)?) \}\}/g, (_all, key, filters) =>
            filters.includes('tojson') ? asJson(values[key] ?? '') : (values[key] ?? ''),
          ),
    )
    .join('');
}

function api(scenario, path, query, method) {
  const { run } = SCENARIOS[scenario];
  const fractions = (query.get('percentiles') ?? '0.95,0.99').split(',').filter(Boolean).map(Number);
  switch (path) {
    case '/stats/updates':
      return run.updates(query.get('since'), fractions);
    case '/stats/history':
      return {
        name: query.get('name'),
        method: query.get('method'),
        history: run.history().filter(point => point.time > (query.get('since') ?? '')),
      };
    case '/stats/requests':
      return {
        extended_stats: [
          {
            key: 'content-length',
            data: run.rows([]).map(row => ({
              name: row.name,
              content_length: Math.round(row.avg_content_length * row.num_requests),
            })),
          },
        ],
      };
    case '/exceptions':
      return { exceptions: run.exceptions() };
    case '/tasks':
      return TASKS;
    case '/logs':
      return LOGS;
    case '/user':
      return {};
    case '/swarm':
      if (method === 'POST')
        Object.assign(run, { state: 'running', startedAt: Date.now(), stoppedAt: undefined });
      return { success: true, message: 'Swarming started', host: 'https://shop.example' };
    case '/stop':
      Object.assign(run, { state: 'stopped', stoppedAt: Date.now() });
      return { success: true, message: 'Test stopped' };
    case '/stats/reset':
      return 'ok';
    default:
      return null;
  }
}

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
  const asset = /\/assets\/(.+)$/.exec(pathname);
  if (asset) {
    const file = normalize(asset[1]);
    if (file.startsWith('..')) return null;
    return { body: await readFile(join(DIST, 'assets', file)), type: TYPES[extname(file)] };
  }
  const common = { theme: query.get('theme'), csp_nonce: NONCE };
  if (pathname === '/report.html') {
    return { body: await page('report.html', { ...common, template_args: reportArgs() }), type: 'text/html' };
  }
  const auth = /^\/auth\/(\w+)$/.exec(pathname);
  if (auth) {
    return {
      body: await page('auth.html', { ...common, auth_args: AUTH[auth[1]] ?? {} }),
      type: 'text/html',
    };
  }
  const [, scenario, rest] = /^\/(\w+)(\/.*)?$/.exec(pathname) ?? [];
  if (!scenario || !(scenario in SCENARIOS)) return null;
  if (!rest || rest === '/') {
    const values = { ...common, base_url: `/${scenario}`, template_args: SCENARIOS[scenario].args };
    return { body: await page('index.html', values), type: 'text/html' };
  }
  const data = api(scenario, rest, query, request.method);
  return data === null
    ? null
    : { body: typeof data === 'string' ? data : JSON.stringify(data), type: 'application/json' };
}

export function serve(port = 0) {
  const server = createServer(async (request, response) => {
    const found = await answer(request).catch(error => ({
      body: String(error.stack),
      type: 'text/plain',
      status: 500,
    }));
    response.writeHead(found ? (found.status ?? 200) : 404, {
      'Content-Type': `${found?.type ?? 'text/plain'}; charset=utf-8`,
      'Content-Security-Policy': POLICY,
    });
    response.end(found?.body ?? 'not found');
  });
  return new Promise(resolve => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve(Number(process.argv[2] ?? 8090));
  const { port } = server.address();
  for (const scenario of Object.keys(SCENARIOS)) console.log(`http://127.0.0.1:${port}/${scenario}/`);
  for (const form of Object.keys(AUTH)) console.log(`http://127.0.0.1:${port}/auth/${form}`);
  console.log(`http://127.0.0.1:${port}/report.html`);
}
