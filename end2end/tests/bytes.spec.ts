// Transfer size of a page until it is live, as the browser counts it: headers, HTML, styles, scripts, WASM.
import type { Page } from '@playwright/test';
import { PHONE, expect, waitUntilLive, scan, test } from '../fixtures';

/** Opens a page and adds up the bytes received until `ready`. */
async function transferSize(page: Page, open: () => Promise<unknown>, ready: () => Promise<unknown>): Promise<number> {
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

test('every page stays within its byte budget', async ({ server, screens }) => {
  // A display with twenty rows.
  const robot = await server.apiClient('robot');
  for (let n = 0; n < 20; n += 1) await robot.order('flat-white');
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  const code = await scan(tv);
  const sizes = {
    order: await transferSize(phone, () => phone.goto(code), () => waitUntilLive(phone)),
    display: await transferSize(tv, () => tv.reload(), () => waitUntilLive(tv)),
    barista: await transferSize(tablet, () => tablet.reload(), () => waitUntilLive(tablet)),
  };
  for (const [page, bytes] of Object.entries(sizes)) {
    const budget = BUDGET[page as keyof typeof BUDGET];
    console.log(`bytes  ${page.padEnd(8)} ${(bytes / 1024).toFixed(1).padStart(6)} KB of ${budget}`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes / 1024).toBeLessThanOrEqual(budget);
  }
});
