// Transfer size of a page until it is live, as the browser counts it: headers, HTML, styles, scripts, WASM.
import type { Page } from '@playwright/test';
import { PHONE, expect, live, scan, test } from '../bar';

/** Opens a page and adds up the bytes received until `ready`. */
async function weigh(page: Page, open: () => Promise<unknown>, ready: () => Promise<unknown>): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.clearBrowserCache');
  let bytes = 0;
  devtools.on('Network.loadingFinished', (done) => (bytes += done.encodedDataLength));
  await open();
  await ready();
  return bytes;
}

/** Limits in kilobytes (1,024 bytes). The original's order page transfers 870. */
const BUDGET = { order: 100, display: 80, barista: 120 };

test('no page costs more bytes than it may', async ({ bar, screens }) => {
  // A display with twenty rows.
  const robot = await bar.script('robot');
  for (let n = 0; n < 20; n += 1) await robot.order('flat-white');
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  const code = await scan(tv);
  const weights = {
    order: await weigh(phone, () => phone.goto(code), () => live(phone)),
    display: await weigh(tv, () => tv.reload(), () => live(tv)),
    barista: await weigh(tablet, () => tablet.reload(), () => live(tablet)),
  };
  for (const [page, bytes] of Object.entries(weights)) {
    const budget = BUDGET[page as keyof typeof BUDGET];
    console.log(`bytes  ${page.padEnd(8)} ${(bytes / 1024).toFixed(1).padStart(6)} KB of ${budget}`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes / 1024).toBeLessThanOrEqual(budget);
  }
});
