/** Opens the tab and the route that a locustfile adds; then another site tries to stop the test. */
import { metric, runScenario, screenshot, waitForState } from './session.mjs';

await runScenario(async ({ page, context, settings }) => {
  await page.goto(settings.url);
  await page.getByRole('tab', { name: 'Sizes' }).click();
  await page.getByTestId('table-extended-sizes').locator('tbody tr').first().waitFor();
  const row = await page.getByTestId('table-extended-sizes').locator('tbody tr').first().innerText();
  await screenshot(page, settings, 'extended');
  const added = await page.evaluate(async () => (await fetch('/added_page')).text());

  const evil = await context.newPage();
  await evil.goto(settings.url.replace('127.0.0.1', 'evil.test') + '/added_page');
  const aim = settings.url.replace('127.0.0.1', 'locust.test');
  const readable = await evil.evaluate(
    async url => {
      await fetch(`${url}/stop`, { method: 'POST', mode: 'no-cors' });
      await fetch(`${url}/swarm`, {
        method: 'POST',
        mode: 'no-cors',
        body: new URLSearchParams({ user_count: '9', spawn_rate: '9' }),
      });
      return fetch(`${url}/stats/requests`).then(() => true, () => false);
    },
    aim,
  );
  await page.goto(aim);
  await waitForState(page, 'running');
  const users = await metric(page, 'users');
  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  return { row, added, readable, users };
});
