/**
 * A Chromium with one page, and all errors in it. Scenarios get their settings as JSON in the first argument and print
 * what they saw as JSON on the last line.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const settings = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(settings.web, 'package.json'))('playwright-core');

/** The longest wait for anything on the page, in milliseconds; machines may be busy. */
const PATIENCE_MS = Number(settings.patienceMs);

export async function runScenario(scenario) {
  const browser = await chromium.launch({
    executablePath: settings.chromium,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Names that aren't local to the browser: plain HTTP without the headers that only safe origins get.
      '--host-resolver-rules=MAP *.test 127.0.0.1',
    ],
  });
  try {
    const context = await browser.newContext({ acceptDownloads: true, locale: 'en-US', colorScheme: 'light' });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const problems = [];
    watch(page, problems);
    const result = await scenario({ page, context, settings, problems });
    console.log(JSON.stringify({ ...result, problems }));
  } finally {
    await browser.close();
  }
}

/** Collects script errors, refused resources, failed requests and dialogs. */
export function watch(page, problems) {
  page.on('pageerror', error => problems.push(`script error: ${error.message}`));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on('dialog', async dialog => {
    problems.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
}

export const metric = (page, id) => page.getByTestId(`metric-${id}`).innerText();

/** Waits until `read` returns a value that `accept` accepts, and returns it. */
export async function until(read, accept, what) {
  const deadline = Date.now() + PATIENCE_MS;
  let value;
  while (Date.now() < deadline) {
    value = await read();
    if (await accept(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not happen; last seen: ${JSON.stringify(value)}`);
}

export const waitForState = (page, state) =>
  until(() => page.getByTestId('state').innerText(), text => text === state, `state ${state}`);

/** `{name: {column: text}}` of the statistics table, including the aggregated row. */
export const readTable = page =>
  page.getByTestId('table-statistics').evaluate(table =>
    Object.fromEntries(
      [...table.querySelectorAll('tbody tr, tfoot tr')]
        .map(row => [...row.querySelectorAll('[data-column]')])
        .filter(cells => cells.length > 0)
        .map(cells => cells.map(cell => [cell.dataset.column, cell.innerText]))
        .map(cells => [Object.fromEntries(cells).name, Object.fromEntries(cells)]),
    ),
  );

export const count = text => Number(text.replaceAll(/[^0-9]/g, ''));

export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]`).fill(value);
}

export const screenshot = (page, settings_, name, width = 1280, height = 800) =>
  page
    .setViewportSize({ width, height })
    .then(() => page.waitForTimeout(300)) // colours fade, and charts follow their size
    .then(() => page.screenshot({ path: join(settings_.artifacts, `${name}.png`) }));
