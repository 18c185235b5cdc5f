// What people see while a page comes over a slow line: when the largest part is there, when it is live, and whether
// anything jumps. Times are printed, for another machine has others; jumping is not a matter of machines.
import type { Page } from '@playwright/test';
import { PHONE, TABLET, TV, enter, expect, live, scan, test } from '../bar';

/** Bits a second and milliseconds to the server and back. */
interface Line {
  down: number;
  latency: number;
}

const SLOW_4G: Line = { down: 1_600_000, latency: 150 };
const WIFI: Line = { down: 10_000_000, latency: 40 };

/** As much as may jump: Google's limit for "good". */
const JUMPS = 0.1;

interface Paint {
  largest: number;
  what: string;
  shift: number;
  moved: string[];
}

/** Kept by the page itself from its first moment on; it begins again with every document. */
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

/** A processor four times slower, a line like this, and nothing kept from before. */
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

/** Opens a page and prints its times since it was asked for, through all the documents on the way. */
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
  // With the clock's first tick, and the first frames of the stream.
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
