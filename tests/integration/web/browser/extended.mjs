/** Opens the tab and the route that a locustfile has added. */
import { runScenario, screenshot } from './session.mjs';

await runScenario(async ({ page, settings }) => {
  await page.goto(settings.url);
  await page.getByRole('tab', { name: 'Sizes' }).click();
  await page.getByTestId('table-extended-sizes').locator('tbody tr').first().waitFor();
  const row = await page.getByTestId('table-extended-sizes').locator('tbody tr').first().innerText();
  await screenshot(page, settings, 'extended');
  const added = await page.evaluate(async () => (await fetch('/added_page')).text());
  return { row, added };
});
