/** Starts a test through the form, watches, edits, stops, downloads everything, opens the report, starts another. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { count, fill, metric, readTable, runScenario, screenshot, until, waitForState } from './session.mjs';

const TABS = ['statistics', 'charts', 'classes', 'failures', 'exceptions', 'ratios', 'workers', 'logs', 'downloads'];

await runScenario(async ({ page, context, settings }) => {
  const shot = (name, ...size) => screenshot(page, settings, `${settings.name}-${name}`, ...size);
  await page.goto(settings.url);
  await page.getByTestId('swarm-form').waitFor();
  await shot('form');
  await fill(page, { user_count: '4', spawn_rate: '4', run_time: '10m' });
  await page.getByTestId('submit-swarm').click();
  await waitForState(page, 'running');

  // The numbers change without a reload.
  const requests = async () => count((await readTable(page)).Aggregated?.num_requests ?? '0');
  const first = await until(requests, value => value > 0, 'a request is shown');
  await until(requests, value => value > first + 5, 'the number of requests grows');
  const users = await until(() => metric(page, 'users'), text => count(text) === 4, 'four users are shown');
  await until(() => metric(page, 'rps'), text => Number.parseFloat(text) > 0, 'a rate is shown');

  await page.getByTestId('edit').click();
  await page.getByTestId('dialog-edit').waitFor();
  await fill(page, { user_count: '6' });
  await page.getByTestId('dialog-edit').getByTestId('submit-swarm').click();
  await until(() => metric(page, 'users'), text => count(text) === 6, 'six users after the edit');
  const afterEdit = await metric(page, 'users');

  const panels = {};
  for (const tab of TABS) {
    if ((await page.getByTestId(`tab-${tab}`).count()) === 0) continue;
    await page.getByTestId(`tab-${tab}`).click();
    await page.getByTestId(`panel-${tab}`).waitFor();
    await page.waitForTimeout(300);
    panels[tab] = (await page.getByTestId(`panel-${tab}`).innerText()).length;
    await shot(`running-${tab}`);
  }
  await page.getByTestId('tab-metrics').click();
  const basket = () => page.getByTestId('row-metrics').filter({ hasText: 'basket' });
  const basketText = await until(
    async () => ((await basket().count()) > 0 ? basket().innerText() : ''),
    text => text !== '',
    "a metric of the test's own is shown",
  );
  await shot('running-metrics');
  await page.getByTestId('tab-failures').click();
  await page.getByTestId('row-failures').filter({ hasText: '/bad' }).getByRole('button').click();
  await page.getByTestId('evidence').waitFor();
  const evidence = await page.getByTestId('evidence').innerText();
  await shot('evidence');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('evidence-dark-narrow', 400, 800);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.keyboard.press('Escape');
  await page.getByTestId('dialog-evidence').waitFor({ state: 'detached' });
  await page.getByTestId('tab-statistics').click();
  await page.getByTitle('Slowest requests of /hello').click();
  await page.getByTestId('evidence').waitFor();
  const slowest = await page.getByTestId('evidence').innerText();
  await shot('slowest');
  await page.keyboard.press('Escape');
  await page.getByTestId('dialog-evidence').waitFor({ state: 'detached' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('dark');
  await shot('dark-narrow', 400, 800);
  await shot('dark-wide', 2560, 1300);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  // The page must finally show what the server under test counted.
  const served = async () =>
    Object.values(await (await fetch(`${settings.target}/count`)).json()).reduce((sum, value) => sum + value, 0);
  const table = await until(
    () => readTable(page),
    async rows => count(rows.Aggregated?.num_requests ?? '') === (await served()),
    'the page shows as many requests as were served',
  );
  await shot('stopped');

  await page.getByTestId('tab-downloads').click();
  const downloads = {};
  for (const id of settings.files) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId(`download-${id}`).click(),
    ]);
    downloads[id] = join(settings.downloads, download.suggestedFilename());
    await download.saveAs(downloads[id]);
  }

  // From disk, without a server and without requests.
  const report = await context.newPage();
  const asked = [];
  const reportProblems = [];
  report.on('request', request => asked.push(request.url()));
  report.on('pageerror', error => reportProblems.push(error.message));
  report.on('console', message => message.type() === 'error' && reportProblems.push(message.text()));
  await report.goto(pathToFileURL(downloads.report).href);
  await report.getByTestId('table-statistics').waitFor();
  const reported = await readTable(report);
  const reportedBasket = await report.getByTestId('section-metrics').innerText();
  await report.getByTestId('failure-evidence').getByText('/bad').first().click();
  const reportedEvidence = await report.getByTestId('evidence').first().innerText();
  for (const scheme of ['light', 'dark']) {
    await report.emulateMedia({ colorScheme: scheme });
    await report.setViewportSize({ width: 1280, height: 1600 });
    await report.waitForTimeout(500); // colours fade
    await report.screenshot({ path: join(settings.artifacts, `${settings.name}-report-${scheme}.png`), fullPage: true });
  }
  await report.close();

  let chosen = null;
  if (settings.picks) {
    await page.getByTestId('new-test').click();
    await page.getByTestId('class-picker').waitFor();
    for (const box of await page.getByTestId('class-picker').locator('input[type=checkbox]').all()) {
      await box.setChecked(false);
    }
    await page.getByTestId(`class-${settings.picks}`).locator('input[type=checkbox]').setChecked(true);
    await shot('picker');
    await fill(page, { user_count: '2', spawn_rate: '2' });
    await page.getByTestId('submit-swarm').click();
    await waitForState(page, 'running');
    chosen = await until(
      async () => (await (await fetch(`${settings.url}/tasks`)).json()).total,
      total => Object.keys(total).length > 0,
      'ratios are shown',
    );
    await page.getByTestId('stop').click();
    await waitForState(page, 'stopped');
  }
  return { users, afterEdit, panels, table, reported, downloads, asked, reportProblems, chosen, basketText, reportedBasket, evidence, reportedEvidence, slowest };
});
