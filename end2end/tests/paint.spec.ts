// Loading over a slow connection: largest contentful paint, time until live, and layout shift. Times are printed only,
// because they depend on the machine; layout shift is checked.
import type { Page } from '@playwright/test';
import { PHONE, TABLET, TV, enter, expect, live, scan, test } from '../bar';

/** Bits per second, and round-trip time in milliseconds. */
interface Line {
  down: number;
  latency: number;
}

const SLOW_4G: Line = { down: 1_600_000, latency: 150 };
const WIFI: Line = { down: 10_000_000, latency: 40 };

/** Maximum layout shift: Google's limit for "good". */
const JUMPS = 0.1;

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
async function slow(page: Page, line: Line): Promise<void> {
  await page.addInitScript(observe);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.clearBrowserCache');
  const downloadThroughput = line.down / 8;
  const conditions = { offline: false, latency: line.latency, downloadThroughput, uploadThroughput: downloadThroughput };
  await devtools.send('Network.emulateNetworkConditions', conditions);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}

/** Opens a page and prints its times since the first request, including redirects. */
async function opened(name: string, page: Page, open: () => Promise<unknown>): Promise<void> {
  const start = Date.now();
  await open();
  await live(page);
  const ready = Date.now() - start;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const { largest, what, shift, origin } = await painted(page);
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const times = `LCP ${seconds(origin - start + largest)}  shift ${shift.toFixed(3)}  live ${seconds(ready)}`;
  console.log(`paint  ${name.padEnd(8)} ${times}  (${what}, ${seconds(largest)} in its own document)`);
}

function painted(page: Page): Promise<Paint & { origin: number }> {
  return page.evaluate(() => {
    const { paint } = window as unknown as { paint: Paint };
    return { ...paint, origin: performance.timeOrigin };
  });
}

test('nothing jumps while a page comes', async ({ bar, screens }) => {
  const robot = await bar.script('robot');
  for (let n = 0; n < 20; n += 1) await robot.order('flat-white');
  const tv = await screens.open('tv', TV);
  const tablet = await screens.open('tablet', TABLET);
  const phone = await screens.open('phone', PHONE);
  await enter(tv, bar.link('display'));
  await enter(tablet, bar.link('barista'));
  await live(tablet);
  await live(tv);
  const code = await scan(tv);

  await slow(phone, SLOW_4G);
  await opened('order', phone, async () => {
    await phone.goto(code);
    await phone.waitForURL('**/s/demo');
  });
  for (const [name, page] of Object.entries({ display: tv, barista: tablet })) {
    await slow(page, WIFI);
    await opened(name, page, () => page.reload());
  }
  // The measurement includes the first clock tick and the first stream frames.
  await expect(tv.locator('.wall-clock')).not.toBeEmpty();
  for (const [name, page] of Object.entries({ order: phone, display: tv, barista: tablet })) {
    const { shift, moved } = await painted(page);
    expect(shift, `${name}: ${moved.join(', ')} jumped`).toBeLessThanOrEqual(JUMPS);
  }
});

test('what comes to a live page moves in, what it was opened with does not', async ({ bar, screens }) => {
  const robot = await bar.script('robot');
  await robot.order('filter');
  const { tv, tablet } = await screens.crew(bar);
  for (const page of [tv, tablet]) {
    await page.addInitScript(() => {
      document.addEventListener('transitionrun', ({ propertyName, target }) => {
        if (propertyName === 'translate') (target as Element).setAttribute('data-moved', '');
      });
    });
    await page.reload();
    await live(page);
  }
  await robot.order('latte');
  for (const page of [tv, tablet]) {
    await expect(page.locator('[data-moved]')).toHaveText(/latte/);
    await expect(page.locator('[data-moved]')).toHaveCount(1);
  }
});
