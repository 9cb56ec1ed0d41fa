/** Shows names, errors, exceptions, log lines and hosts that contain scripts. None of them may run, on any page. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runScenario, screenshot, watch, waitForState } from './session.mjs';

const hacked = page => page.evaluate(() => Boolean(window.hacked));

await runScenario(async ({ page, context, settings, problems }) => {
  await page.goto(settings.url);
  await waitForState(page, 'running');
  await page.getByTestId('table-statistics').locator('tbody tr').first().waitFor();
  const results = {};
  for (const tab of ['statistics', 'charts', 'failures', 'exceptions', 'ratios', 'workers', 'logs', 'downloads']) {
    if ((await page.getByTestId(`tab-${tab}`).count()) === 0) continue;
    await page.getByTestId(`tab-${tab}`).click();
    await page.getByTestId(`panel-${tab}`).waitFor();
    await page.waitForTimeout(500);
    results[tab] = await hacked(page);
    await screenshot(page, settings, `hostile-${tab}`);
  }
  const seen = await page.evaluate(() => document.body.innerText.length);
  await page.getByTestId('edit').click();
  results.edit = await hacked(page);
  const served = await context.newPage();
  watch(served, problems);
  await served.goto(`${settings.url}/stats/report`);
  await served.getByTestId('table-statistics').waitFor();
  results.report = await hacked(served);
  const text = await served.evaluate(() => document.body.innerText);
  const file = join(settings.downloads, 'report.html');
  const body = await (await fetch(`${settings.url}/stats/report?download=1`)).text();
  await (await import('node:fs/promises')).writeFile(file, body);
  await served.goto(pathToFileURL(file).href);
  await served.getByTestId('table-statistics').waitFor();
  results.fromDisk = await hacked(served);
  await screenshot(served, settings, 'hostile-report');
  return { results, seen, shown: text.includes('<script>window.hacked') };
});
