/** Finds, opens and labels a kept run, lays three over each other, compares two, and looks at a damaged history. */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { count, readTable, runScenario, screenshot, until } from './session.mjs';

const WALL = [2560, 1300, 'light'];
const PHONE = [400, 800, 'dark'];

const finding = page =>
  page.locator('[data-testid=row-differences]', { hasText: '/page' }).locator('[data-column=finding]').innerText();

/** Whether the line of each run is on the canvas, in the colour that its legend has. */
const drawnLines = chart =>
  chart.evaluate(figure => {
    const canvas = figure.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const isThere = color => {
      for (let at = 0; at < data.length; at += 4) {
        if (color.every((part, index) => Math.abs(data[at + index] - part) < 8)) return true;
      }
      return false;
    };
    return Object.fromEntries(
      [...figure.querySelectorAll('.legend button')].map(button => {
        const color = getComputedStyle(button.querySelector('.swatch')).backgroundColor;
        return [button.childNodes[1].textContent.trim(), isThere(color.match(/\d+/g).slice(0, 3).map(Number))];
      }),
    );
  });

await runScenario(async ({ page, settings, problems }) => {
  const axe = await readFile(createRequire(join(settings.web, 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');
  const { numbers } = settings;
  const shot = (name, ...size) => screenshot(page, settings, `runs-${name}`, ...size);

  /** Nothing hangs over the edge, and axe has nothing to say. */
  const check = async (name, ...views) => {
    for (const [width, height, colorScheme] of views) {
      await page.emulateMedia({ colorScheme });
      await shot(`${name}-${width}`, width, height);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) problems.push(`${name} at ${width} px: ${over} px too wide`);
      // The policy of the page forbids injected scripts, but not what the debugger evaluates.
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document));
      problems.push(...violations.map(({ id, nodes }) => `${name} at ${width} px: ${id} ${nodes[0].target}`));
    }
  };

  // Colours that are on their way to the other theme have no contrast to speak of.
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const style = document.head.appendChild(document.createElement('style'));
      style.textContent = '* { transition: none !important; animation: none !important }';
    });
  });
  await page.goto(settings.url);
  await page.getByTestId('runs').click();
  const rows = page.getByTestId('row-runs');
  await until(() => rows.count(), value => value === 3, 'three runs are listed');
  await check('list', WALL, PHONE);
  await page.getByTestId('search-runs').fill('slower');
  await until(() => rows.count(), value => value === 1, 'the search finds one');
  const found = await rows.locator('[data-column=name]').allInnerTexts();
  await page.getByTestId('search-runs').fill('');
  await until(() => rows.count(), value => value === 3, 'all are listed again');

  await page.getByRole('link', { name: String(numbers.first), exact: true }).click();
  await page.getByTestId('table-statistics').waitFor();
  const table = await readTable(page);
  const opened = Object.fromEntries(Object.entries(table).map(([name, row]) => [name, count(row.num_requests)]));
  await page.getByLabel('Tag').fill('best');
  await page.getByTestId('save-labels').click();
  await page.getByRole('heading', { name: `run ${numbers.first} (best)` }).waitFor();
  await check('opened', PHONE);

  await page.getByTestId('all-runs').click();
  const tagged = await page.locator('.run-tag').innerText();
  await page.getByRole('checkbox', { name: `Pick run ${numbers.first} (best)` }).focus();
  for (const profile of Object.keys(numbers)) {
    const box = page.getByRole('checkbox', { name: new RegExp(`^Pick run ${numbers[profile]}\\b`) });
    await box.focus();
    await page.keyboard.press('Space');
    await until(() => box.isChecked(), checked => checked, `${profile} is picked by key`);
  }
  await page.getByTestId('compare').click();
  const rates = page.getByTestId('chart-rates');
  await rates.waitFor();
  const drawn = await until(
    () => drawnLines(rates),
    lines => Object.values(lines).every(Boolean),
    'every run has a line',
  );
  const lines = Object.keys(drawn).map(name => name.replace(' (best)', ''));

  const choose = async (from, to) => {
    await page.getByLabel('From').selectOption(String(numbers[from]));
    await page.getByLabel('to', { exact: true }).selectOption(String(numbers[to]));
  };
  await choose('first', 'slower');
  const slower = await until(() => finding(page), text => text.includes('slower'), 'the slower revision is called so');
  await check('compared', WALL, PHONE);
  await choose('first', 'failing');
  const failing = await until(() => finding(page), text => text.includes('fails'), 'the failing revision is called so');
  await page.getByTestId('endpoint-picker').selectOption({ label: 'GET /page' });
  await until(() => drawnLines(rates), seen => Object.values(seen).every(Boolean), 'each has a line for an endpoint');

  await page.getByTestId('all-runs').click();
  await rows.first().waitFor();
  await writeFile(settings.file, 'no database'.repeat(1000));
  await page.reload();
  const damaged = await page.getByTestId('empty-state').innerText();
  // The browser itself tells of the refusal.
  const told = problems.findIndex(problem => problem.includes('409'));
  if (told >= 0) problems.splice(told, 1);
  return { found, opened, tagged, lines, drawn, slower, failing, damaged };
});
