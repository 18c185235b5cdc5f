// Loading over a slow connection: largest contentful paint, time until live, and layout shift. Times are printed only,
// because they depend on the machine; layout shift is checked.
import type { Page } from '@playwright/test';
import { PHONE, TABLET, TV, redeemLink, expect, waitUntilLive, scan, test } from '../fixtures';

/** Bits per second, and round-trip time in milliseconds. */
interface Connection {
  down: number;
  latency: number;
}

const SLOW_4G: Connection = { down: 1_600_000, latency: 150 };
const WIFI: Connection = { down: 10_000_000, latency: 40 };

/** Maximum layout shift: Google's limit for "good". */
const MAX_LAYOUT_SHIFT = 0.1;

interface Paint {
  largest: number;
  what: string;
  shift: number;
  moved: string[];
}

/** Runs in the page from its start; the values are reset with every document. */
function observe(): void {
  const paint: Paint = { largest: 0, what: '', shift: 0, moved: [] };
  Object.assign(window, { paint });
  const name = (node: Node | null | undefined): string =>
    node instanceof Element ? `${node.localName}.${node.classList}` : (node?.nodeName ?? '');
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { element?: Element })[]) {
      Object.assign(paint, { largest: entry.startTime, what: name(entry.element) });
    }
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] };
    for (const entry of list.getEntries() as Shift[]) {
      if (entry.hadRecentInput) continue;
      paint.shift += entry.value;
      paint.moved.push(...entry.sources.map(({ node }) => name(node)));
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Sets a four times slower CPU and this connection, and clears the cache. */
async function throttle(page: Page, connection: Connection): Promise<void> {
  await page.addInitScript(observe);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.clearBrowserCache');
  const downloadThroughput = connection.down / 8;
  const uploadThroughput = downloadThroughput;
  const conditions = { offline: false, latency: connection.latency, downloadThroughput, uploadThroughput };
  await devtools.send('Network.emulateNetworkConditions', conditions);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}

/** Opens a page and prints its times since the first request, including redirects. */
async function measureLoad(name: string, page: Page, open: () => Promise<unknown>): Promise<void> {
  const start = Date.now();
  await open();
  await waitUntilLive(page);
  const ready = Date.now() - start;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const { largest, what, shift, origin } = await readPaint(page);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const times = `LCP ${seconds(origin - start + largest)}  shift ${shift.toFixed(3)}  live ${seconds(ready)}`;
  console.log(`paint  ${name.padEnd(8)} ${times}  (${what}, ${seconds(largest)} in its own document)`);
}

function readPaint(page: Page): Promise<Paint & { origin: number }> {
  return page.evaluate(() => {
    const { paint } = window as unknown as { paint: Paint };
    return { ...paint, origin: performance.timeOrigin };
  });
}

test('nothing shifts while a page loads', async ({ server, screens }) => {
  const robot = await server.apiClient('robot');
  for (let n = 0; n < 20; n += 1) await robot.order('flat-white');
  const tv = await screens.open('tv', TV);
  const tablet = await screens.open('tablet', TABLET);
  const phone = await screens.open('phone', PHONE);
  await redeemLink(tv, server.link('display'));
  await redeemLink(tablet, server.link('barista'));
  await waitUntilLive(tablet);
  await waitUntilLive(tv);
  const code = await scan(tv);

  await throttle(phone, SLOW_4G);
  await measureLoad('order', phone, async () => {
    await phone.goto(code);
    await phone.waitForURL('**/s/demo');
  });
  for (const [name, page] of Object.entries({ display: tv, barista: tablet })) {
    await throttle(page, WIFI);
    await measureLoad(name, page, () => page.reload());
  }
  // The measurement includes the first clock tick and the first stream frames.
  await expect(tv.locator('.wall-clock')).not.toBeEmpty();
  for (const [name, page] of Object.entries({ order: phone, display: tv, barista: tablet })) {
    const { shift, moved } = await readPaint(page);
    expect(shift, `${name}: ${moved.join(', ')} shifted`).toBeLessThanOrEqual(MAX_LAYOUT_SHIFT);
  }
});

test('orders that arrive on a live page move in, and earlier ones do not', async ({ server, screens }) => {
  const robot = await server.apiClient('robot');
  await robot.order('filter');
  const { tv, tablet } = await screens.openStaffScreens(server);
  for (const page of [tv, tablet]) {
    await page.addInitScript(() => {
      document.addEventListener('transitionrun', ({ propertyName, target }) => {
        if (propertyName === 'translate') (target as Element).setAttribute('data-moved', '');
      });
    });
    await page.reload();
    await waitUntilLive(page);
  }
  await robot.order('latte');
  for (const page of [tv, tablet]) {
    await expect(page.locator('[data-moved]')).toHaveText(/latte/);
    await expect(page.locator('[data-moved]')).toHaveCount(1);
  }
});
