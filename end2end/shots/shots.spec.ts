// Takes a picture of every state of every page, in both sizes and both color schemes, into an ignored folder.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../fixtures';
import { type Kind, type VisitState, walks } from '../states';

const FOLDER = join(import.meta.dirname, '../../shots');

/** Width and height in CSS pixels. */
const SIZES: Record<Kind, [number, number][]> = {
  phone: [[360, 740], [430, 932]],
  tablet: [[1180, 820], [820, 1180]],
  tv: [[1920, 1080], [1080, 1920]],
};

const visit: VisitState = async (state, page, kind) => {
  const before = page.viewportSize();
  for (const [width, height] of SIZES[kind]) {
    await page.setViewportSize({ width, height });
    // The display has one color scheme.
    for (const colorScheme of kind === 'tv' ? (['dark'] as const) : (['light', 'dark'] as const)) {
      await page.emulateMedia({ colorScheme });
      const path = join(FOLDER, `${state}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: kind !== 'tv', animations: 'disabled' });
    }
  }
  if (before) await page.setViewportSize(before);
};

for (const [name, walk] of Object.entries(walks)) {
  test(name, ({ server, screens }) => walk(server, screens, visit));
}

test.afterAll(() => {
  const pictures = readdirSync(FOLDER).filter((name) => name.endsWith('.png')).sort();
  const figures = pictures.map((name) => `<figure><img src="${name}"><figcaption>${name}</figcaption></figure>`);
  const style = 'body{font:14px system-ui;display:flex;flex-wrap:wrap;gap:16px}figure{margin:0}img{height:480px;border:1px solid #aaa}';
  writeFileSync(join(FOLDER, 'index.html'), `<!doctype html><style>${style}</style>${figures.join('')}`);
});
