/**
 * The cost of the live page while a test runs: seconds of the browser's main thread per second, by scenario and tab.
 * `npm run build && node dev/cost.mjs [scenario] [tab] [seconds]`
 */
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const [scenario = 'big', tab = 'statistics', seconds = '20'] = process.argv.slice(2);
const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
const session = await page.context().newCDPSession(page);
// CPU time of the thread: on a busy machine, wall time also counts waiting for a turn.
await session.send('Performance.enable', { timeDomain: 'threadTicks' });
await page.goto(`http://127.0.0.1:${server.address().port}/${scenario}/#${tab}`);
await page.getByTestId(`panel-${tab}`).waitFor();
await page.waitForTimeout(3000);

const read = async () => {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
};
const begun = performance.now();
const before = await read();
await page.waitForTimeout(Number(seconds) * 1000);
const after = await read();
const elapsed = (performance.now() - begun) / 1000;
const share = name => `${(((after[name] - before[name]) / elapsed) * 100).toFixed(1)} %`;
console.log(`${scenario}, ${tab}: main thread ${share('TaskDuration')} of a core`);
console.log(
  `  script ${share('ScriptDuration')}, style ${share('RecalcStyleDuration')}, layout ${share('LayoutDuration')}`,
);
console.log(`  heap ${(after.JSHeapUsedSize / 1e6).toFixed(1)} MB, ${after.Nodes} nodes`);
await browser.close();
server.close();
