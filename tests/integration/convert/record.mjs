/**
 * Visits the sample shop in Chromium and writes what DevTools saw of it as a HAR file with bodies.
 * Settings are JSON in the first argument: `web` (where playwright-core is), `chromium`, `url`, `har`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const settings = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(settings.web, 'package.json'))('playwright-core');

const browser = await chromium.launch({
  executablePath: settings.chromium,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  const context = await browser.newContext({ recordHar: { path: settings.har, content: 'embed' } });
  const page = await context.newPage();
  const think = () => page.waitForTimeout(1300); // long enough to be a person's pause
  const call = (method, path, content) =>
    page.evaluate(
      ([method_, path_, body]) =>
        fetch(path_, {
          method: method_,
          body,
          headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
        }).then(answer => answer.status),
      [method, path, content === undefined ? undefined : JSON.stringify(content)],
    );

  await page.goto(settings.url);
  await think();
  await call('POST', '/login', { username: 'ann "the" o\'hara', password: 'locust' });
  await call('GET', '/cart');
  await think();
  await page.locator('li a').nth(3).click();
  await page.waitForURL('**/products/*');
  await think();
  await call('POST', '/cart', { product_id: 4 });
  await call('POST', '/cart', { product_id: 11 });
  await think();
  await call('GET', '/search?q=amber%20lantern&sort=%C3%A4');
  await think();
  await call('POST', '/checkout');
  await context.close();
} finally {
  await browser.close();
}
