/** Logs in: a wrong password shows an error, the right one leads to the UI. */
import { runScenario, screenshot } from './session.mjs';

await runScenario(async ({ page, context, settings }) => {
  await page.goto(settings.url.replace('127.0.0.1', 'locust.test'));
  await page.getByTestId('auth-form').waitFor();
  const landedAt = new URL(page.url()).pathname;
  await screenshot(page, settings, 'login');
  const logIn = async password => {
    await page.locator('[name=username]').fill('anna');
    await page.locator('[name=password]').fill(password);
    await page.getByTestId('auth-submit').click();
  };
  await logIn('wrong');
  const error = await page.getByTestId('auth-error').innerText();
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, settings, 'login-refused-dark', 400, 800);
  await logIn(settings.password);
  await page.getByTestId('swarm-form').waitFor();
  const cookies = (await context.cookies()).map(({ name, httpOnly, sameSite, secure }) => ({
    name,
    httpOnly,
    sameSite,
    secure,
  }));
  return { landedAt, error, cookies };
});
