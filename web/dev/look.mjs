/**
 * Takes screenshots of the built pages in all situations and checks them with axe: `npm run look [part of a name]`.
 * Writes images to web/shots/. Needs Chromium: /usr/bin/chromium, or the one that CHROMIUM names.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const SHOTS = fileURLToPath(new URL('../shots/', import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const click = testId => page => page.getByTestId(testId).click();

/** name, path, width, height, theme, actions before the screenshot */
const VIEWS = [
  ['ready', '/ready/', 1280, 800, 'light'],
  ['ready-dark-400', '/ready/', 400, 800, 'dark'],
  [
    'picker',
    '/picker/',
    1280,
    1000,
    'light',
    page => page.getByRole('button', { name: 'Settings: Shopper' }).click(),
  ],
  ['picker-dark', '/picker/', 1280, 1000, 'dark'],
  ['waiting', '/waiting/', 1280, 800, 'light'],
  [
    'errors',
    '/picker/',
    1280,
    900,
    'dark',
    async page => {
      await page.locator('[name=user_count]').fill('x');
      await page.locator('[name=run_time]').fill('soon');
      await page.getByTestId('submit-swarm').click();
    },
  ],
  ['stats', '/running/', 1280, 800, 'light'],
  ['stats-dark', '/running/', 1280, 800, 'dark'],
  ['stats-400', '/running/', 400, 800, 'light'],
  ['stats-2560', '/running/', 2560, 1300, 'dark'],
  ['started', '/started/', 1280, 800, 'dark'],
  [
    'big',
    '/big/',
    1280,
    800,
    'dark',
    page => page.locator('.table-scroll').evaluate(element => element.scrollTo(0, 9000)),
  ],
  ['columns', '/running/', 1280, 800, 'light', click('percentile-columns')],
  ['charts', '/running/#charts', 1280, 800, 'light', async page => page.locator('.plot').first().hover()],
  ['charts-dark', '/running/#charts', 1280, 800, 'dark'],
  ['charts-toggled', '/running/#charts', 1280, 800, 'light', click('theme')],
  ['charts-400', '/running/#charts', 400, 800, 'dark'],
  ['charts-2560', '/running/#charts', 2560, 1300, 'light'],
  ['failures', '/running/#failures', 1280, 800, 'light'],
  ['failures-400', '/running/#failures', 400, 800, 'dark'],
  ['exceptions', '/running/#exceptions', 1280, 800, 'dark', page => page.locator('summary').first().click()],
  ['ratios', '/running/#ratios', 1280, 800, 'light'],
  ['workers', '/distributed/#workers', 1280, 800, 'dark'],
  ['bottleneck-400', '/distributed/', 400, 800, 'light'],
  ['bottleneck-charts', '/distributed/#charts', 1600, 1000, 'light'],
  ['bottleneck-charts-dark-400', '/distributed/#charts', 400, 1400, 'dark'],
  ['generator', '/distributed/#generator', 1600, 800, 'dark'],
  ['generator-400', '/distributed/#generator', 400, 1200, 'light'],
  ['logs', '/running/#logs', 1280, 800, 'dark'],
  ['downloads', '/running/#downloads', 1280, 800, 'light'],
  ['extended', '/running/#content-length', 1280, 800, 'light'],
  ['stopped', '/stopped/', 1280, 800, 'light'],
  ['edit', '/running/', 1280, 800, 'dark', click('edit')],
  ['reset', '/running/', 1280, 800, 'light', click('reset')],
  [
    'unreachable',
    '/running/',
    1280,
    800,
    'dark',
    async page => {
      await page.route('**/stats/updates*', route => route.abort());
      await page.getByTestId('banner-unreachable').waitFor({ timeout: 15_000 });
    },
  ],
  ['login', '/auth/providers', 1280, 800, 'light'],
  ['login-error', '/auth/basic', 400, 700, 'dark'],
  ['login-custom', '/auth/custom', 1280, 800, 'dark'],
  ['report', '/report.html', 1280, 900, 'light'],
  ['report-dark-400', '/report.html', 400, 800, 'dark'],
];

const wanted = process.argv[2] ?? '';
await mkdir(SHOTS, { recursive: true });
const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let problems = 0;
for (const [name, path, width, height, colorScheme, act] of VIEWS.filter(([name]) => name.includes(wanted))) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  page.on('console', message => {
    if (message.type() === 'error' && name !== 'unreachable')
      console.log(`${name}: console: ${message.text()}`);
  });
  page.on('pageerror', error => {
    problems += 1;
    console.log(`${name}: ${error.message}`);
  });
  await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
  await page.locator('h1').waitFor();
  await page.waitForTimeout(400);
  await act?.(page);
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage: name.startsWith('report') });
  if (name === 'report')
    await page.pdf({ path: `${SHOTS}report.pdf`, preferCSSPageSize: true, printBackground: true });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    rules =>
      window.axe.run(document, {
        rules,
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      }),
    // Rows half under the sticky header of a scrolled table count as too small for axe.
    name === 'big' ? { 'target-size': { enabled: false } } : {},
  );
  for (const violation of violations) {
    problems += 1;
    console.log(`${name}: axe ${violation.impact} ${violation.id}: ${violation.help}`);
    for (const node of violation.nodes.slice(0, 3))
      console.log(`    ${node.target} ${node.any[0]?.message ?? ''}`);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) console.log(`${name}: the page is ${overflow} px too wide`);
  await context.close();
}
await browser.close();
server.close();
console.log(problems ? `${problems} problems` : 'no problems');
process.exitCode = problems ? 1 : 0;
