/**
 * Visits a site in Chromium and writes what DevTools saw of it as a HAR file with bodies.
 * Settings are JSON in the first argument: `web` (where playwright-core is), `chromium`, `url`, `har`, `visit`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const settings = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(settings.web, 'package.json'))('playwright-core');

/** Long enough to be a person's pause. */
const think = page => page.waitForTimeout(1300);

/** A request of the page's own script; answers the status. */
const call = (page, method, path, content, headers = {}) =>
  page.evaluate(
    ([method_, path_, body, headers_]) =>
      fetch(path_, {
        method: method_,
        body,
        headers: body === undefined ? headers_ : { 'Content-Type': 'application/json', ...headers_ },
      }).then(answer => answer.status),
    [method, path, content === undefined ? undefined : JSON.stringify(content), headers],
  );

const visits = {
  async shop(page) {
    await page.goto(settings.url);
    await think(page);
    await call(page, 'POST', '/login', { username: 'ann "the" o\'hara', password: 'locust' });
    await call(page, 'GET', '/cart');
    await think(page);
    await page.locator('li a').nth(3).click();
    await page.waitForURL('**/products/*');
    await think(page);
    await call(page, 'POST', '/cart', { product_id: 4 });
    await call(page, 'POST', '/cart', { product_id: 11 });
    await think(page);
    await call(page, 'GET', '/search?q=amber%20lantern&sort=%C3%A4');
    await think(page);
    await call(page, 'POST', '/checkout');
  },

  async forms(page) {
    await page.goto(settings.url);
    await page.locator('[name=user]').fill('ünn');
    await page.locator('[name=password]').fill('pä ss&1');
    await think(page);
    await page.locator('button').click();
    await page.waitForURL('**/files');
    await page.locator('[name=title]').fill('My "first" file');
    await page.locator('[name=text]').fill('two\nlines of "text"');
    await think(page);
    await page.locator('button').click();
    await page.waitForURL('**/files/*');
    await think(page);
    const token = await page.locator('meta[name=csrf-token]').getAttribute('content');
    const id = page.url().split('/').pop();
    await call(page, 'PUT', `/api/files/${id}`, { title: 'Änother' }, { 'X-CSRF-Token': token });
  },
};

const browser = await chromium.launch({
  executablePath: settings.chromium,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
try {
  const context = await browser.newContext({ recordHar: { path: settings.har, content: 'embed' } });
  await visits[settings.visit](await context.newPage());
  await context.close();
} finally {
  await browser.close();
}
