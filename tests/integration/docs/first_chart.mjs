// Does in Chromium what "Ten minutes to the first chart" says, and takes its picture.
import { createRequire } from 'node:module';

const { web, chromium: executablePath, url, picture, enough, patienceMs } = JSON.parse(process.argv[2]);
const { chromium } = createRequire(`${web}/`)('playwright-core');

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 700 } });
  page.setDefaultTimeout(patienceMs);
  await page.goto(url);
  await page.locator('[name=user_count]').fill('20');
  await page.locator('[name=spawn_rate]').fill('5');
  await page.getByTestId('submit-swarm').click();
  await page.getByText('/products?page=1').first().waitFor();
  await page.goto(`${url}/#charts`);
  await page.locator('.plot canvas').first().waitFor();
  const requests = () =>
    page.evaluate(async () => (await (await fetch('/stats/requests')).json()).stats.at(-1).num_requests);
  while ((await requests()) < enough) await page.waitForTimeout(200);
  const plots = page.locator('.plot canvas');
  // The charts come one by one, some of them with the first data.
  await plots.nth(2).waitFor();
  await page.screenshot({ path: picture });
  console.log(await plots.count());
} finally {
  await browser.close();
}
