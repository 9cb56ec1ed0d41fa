/** A threshold breaks: the charts of the page and of the report mark the moment, in colours that can be seen. */
import { runScenario, screenshot, until, waitForState } from './session.mjs';

const MARK = '[data-testid="chart-rates"] .breach';

/** Moves the cursor onto the mark, which moves as long as the run goes on, until its text is there. */
const textUnderCursor = page =>
  until(
    async () => {
      const box = await page.locator(MARK).boundingBox();
      if (!box) return '';
      await page.mouse.move(box.x + box.width, box.y + box.height - 12);
      const text = page.locator(`${MARK} .breach-text`);
      return (await text.isVisible()) ? text.innerText() : '';
    },
    text => text !== '',
    'the text of the mark',
  );

/** The contrast of the line to the chart and of its text to its ground, as the Web Content guidelines compute it. */
const contrasts = page =>
  page.evaluate(selector => {
    const luminance = color => {
      const parts = color.match(/[\d.]+/g).slice(0, 3).map(part => part / 255);
      const [red, green, blue] = parts.map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const mark = document.querySelector(selector);
    const text = getComputedStyle(mark.firstElementChild);
    return {
      line: contrast(getComputedStyle(mark).borderInlineStartColor, getComputedStyle(mark.closest('.chart')).backgroundColor),
      text: contrast(text.color, text.backgroundColor),
    };
  }, MARK);

await runScenario(async ({ page, settings }) => {
  await page.goto(settings.url);
  await page.getByTestId('tab-charts').click();
  await page.locator(MARK).waitFor();
  const live = await textUnderCursor(page);
  await screenshot(page, settings, 'breach-live');
  await page.getByTestId('stop').click();
  await waitForState(page, 'stopped');
  await page.goto(`${settings.url}/stats/report`);
  await page.locator(MARK).scrollIntoViewIfNeeded();
  const reported = await textUnderCursor(page);
  const seen = { light: await contrasts(page) };
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('[data-theme="dark"]').waitFor();
  await page.locator(MARK).waitFor();
  seen.dark = await contrasts(page);
  await textUnderCursor(page);
  await screenshot(page, settings, 'breach-report-dark');
  return { live, reported, contrasts: seen };
});
