// The TV at every load, on every size, with a wide and a narrow font: no text leaves its box or the screen, or meets
// another.
import type { Page } from '@playwright/test';
import { TV, type Screens, type TestServer, expect, redeemLink, test, waitUntilLive } from '../fixtures';
import { type DisplayRow, DisplayStream } from '../stream';

const SIZES = [
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
  [1920, 1200],
  [1024, 768],
  [1080, 1920],
] as const;

const NAMES = ['Flat white', 'Cappuccino', 'Hot chocolate', 'Americano', 'Ristrettodoppelmacchiatospezialität', 'Cold brew with oat milk, tonic and a slice of orange'];

type Load = readonly [number, number, number];

/** Orders in the queue, being made and ready: from an empty bar to a rush. */
const LOADS: Load[] = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 0, 1],
  [1, 1, 1],
  [4, 2, 1],
  [5, 2, 5],
  [12, 3, 5],
  [3, 2, 15],
  [22, 4, 9],
  [40, 5, 15],
  [15, 5, 40],
  [60, 0, 0],
];

/** Orders that are called together, over the lists of others. */
const CALLED: Load[] = [
  [1, 1, 1],
  [12, 3, 2],
  [22, 4, 3],
];

/** The largest font, in shares of the short side, that numbers of these loads keep: a twentieth in digit height. */
const READABLE = 0.065;

/** The orders of this load. The ready ones have been called, a while ago or just now. */
function rows([queue, making, ready]: Load, digits: number, isCalled: boolean): DisplayRow[] {
  // A rush passes from two digits to three.
  const first = digits === 1 ? 1 : 10 ** (digits - 1) - (queue + making + ready > 6 ? 2 : 0);
  const now = Date.now();
  return Array.from({ length: queue + making + ready }, (_, n) => ({
    order: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    // A shop cannot have more than nine numbers of one digit, but the layout must not depend on it.
    number: digits === 1 ? (n % 9) + 1 : first + n,
    name: NAMES[n % NAMES.length] ?? '',
    icon: 'latte',
    step: n < ready ? 'ready' : n < ready + making ? 'making' : 'waiting',
    since: new Date(now - (isCalled && n < ready ? 0 : (100 - n) * 61_000)).toISOString(),
    version: 3,
    ...(n % 4 === 1 && n < ready && !isCalled ? { called: { times: 1, at: new Date(now - 60_000).toISOString() } } : {}),
  }));
}

/** What is wrong with the texts of the page. */
function findings(page: Page, readable: number): Promise<string[]> {
  return page.evaluate((readable) => {
    interface Box { what: string; owner: Element; left: number; right: number; top: number; bottom: number }
    const found: string[] = [];
    const boxes: Box[] = [];
    const { innerWidth: width, innerHeight: height } = window;
    const short = Math.min(width, height);
    const root = document.documentElement;
    if (root.scrollWidth > width || root.scrollHeight > height) found.push('the page scrolls');

    const texts = document.createTreeWalker(document.querySelector('main') ?? root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const owner = texts.currentNode.parentElement;
      const text = texts.currentNode.textContent?.trim() ?? '';
      if (!owner || text === '' || !owner.checkVisibility()) continue;
      const style = getComputedStyle(owner);
      // The part that the boxes around it leave.
      const clip = { left: 0, right: width, top: 0, bottom: height };
      let shortened = false;
      for (let around: Element | null = owner; around; around = around.parentElement) {
        const { overflowX, textOverflow, webkitLineClamp } = getComputedStyle(around);
        if (overflowX === 'visible') continue;
        const box = around.getBoundingClientRect();
        clip.left = Math.max(clip.left, box.left);
        clip.right = Math.min(clip.right, box.right);
        clip.top = Math.max(clip.top, box.top);
        clip.bottom = Math.min(clip.bottom, box.bottom);
        // Three dots say that a name goes on.
        shortened ||= textOverflow === 'ellipsis' || webkitLineClamp !== 'none';
      }
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const size = parseFloat(style.fontSize);
      for (const line of range.getClientRects()) {
        if (line.width < 0.5) continue;
        // The height of the letters, not of the line.
        const middle = (line.top + line.bottom) / 2;
        const box = { left: line.left, right: line.right, top: middle - size * 0.45, bottom: middle + size * 0.45 };
        const what = `${owner.className || owner.localName} “${text}”`;
        const seen = {
          left: Math.max(box.left, clip.left),
          right: Math.min(box.right, clip.right),
          top: Math.max(box.top, clip.top),
          bottom: Math.min(box.bottom, clip.bottom),
        };
        // A line of a shortened name, or an entry of the line of waits, that has no room is not there.
        const isHidden = seen.right - seen.left < 1 || seen.bottom - seen.top < size * 0.4;
        const isCut = box.left < clip.left - 1 || box.right > clip.right + 1 || box.top < clip.top - 2 || box.bottom > clip.bottom + 2;
        if (isHidden && (shortened || owner.closest('.pins'))) continue;
        if (isHidden) found.push(`${what} cannot be seen`);
        if (isCut && !shortened) found.push(`${what} is cut off`);
        boxes.push({ what, owner, ...seen });
      }
      if (owner.matches('.number') && size < readable * short) {
        found.push(`${text} has type of ${(100 * size / short).toFixed(1)} % of the screen`);
      }
    }
    // An element is a box, too: its text stays inside it.
    for (const { what, owner, left, right } of boxes) {
      const cell = owner.closest('.order')?.getBoundingClientRect();
      if (cell && (left < cell.left - 1 || right > cell.right + 1)) found.push(`${what} leaves its cell`);
    }
    for (const [n, one] of boxes.entries()) {
      for (const other of boxes.slice(n + 1)) {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        // A call covers the orders below it.
        const isCovered = [one, other].filter(({ owner }) => owner.closest('[data-list="calls"]')).length === 1
          && one.owner.closest('.preparing') === other.owner.closest('.preparing');
        if (one.owner !== other.owner && !isCovered && across > 1 && down > 1) found.push(`${one.what} meets ${other.what}`);
      }
    }
    return found.slice(0, 5);
  }, readable);
}

async function settle(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** Shows every load with numbers of every length in this font, at every size, and expects nothing wrong. */
async function expectEverythingFits(server: TestServer, screens: Screens, font: string): Promise<void> {
  const tv = await screens.open('tv', { ...TV, reducedMotion: 'reduce' });
  await redeemLink(tv, server.link('display'));
  await waitUntilLive(tv);
  const stream = await DisplayStream.replace(tv, server.url);
  await waitUntilLive(tv);
  await tv.evaluate((font) => (document.documentElement.style.fontFamily = font), font);
  const problems: string[] = [];
  for (const digits of [1, 2, 3, 4]) {
    for (const [n, load] of [...LOADS, ...CALLED].entries()) {
      const name = `Bar ${digits} ${n} of the International Conference`;
      const shown = rows(load, digits, n >= LOADS.length);
      stream.show({ name, rows: shown });
      await expect(tv.getByRole('heading', { level: 1 })).toHaveText(name);
      for (const [width, height] of SIZES) {
        await tv.setViewportSize({ width, height });
        await settle(tv);
        const where = `${load.join('-')} of ${digits} digits at ${width}x${height}`;
        problems.push(...(await findings(tv, READABLE)).map((what) => `${where}: ${what}`));
        const longest = shown.find(({ step }) => step === 'ready');
        const first = tv.locator('[data-list="ready"] .number').first();
        if (longest) expect(await first.textContent(), where).toBe(String(longest.number));
      }
    }
  }
  stream.close();
  expect(problems).toEqual([]);
}

test('no text of the TV leaves its box or meets another, in a wide font', async ({ server, screens }) => {
  test.setTimeout(180_000);
  await expectEverythingFits(server, screens, 'DejaVu Sans');
});

test('no text of the TV leaves its box or meets another, in a narrow font', async ({ server, screens }) => {
  test.setTimeout(180_000);
  await expectEverythingFits(server, screens, 'DejaVu Sans Condensed');
});
