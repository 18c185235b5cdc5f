// Names that guests type: whatever their letters, they stay in their box and turn nothing beside them.
import type { Page } from '@playwright/test';
import { PHONE, expect, scan, test, waitUntilLive } from '../fixtures';

const NAMES = [
  'W'.repeat(30),
  'Wolfeschlegelsteinhausenberger',
  'محمد عبد الرحمن',
  '李'.repeat(30),
  '👩‍👩‍👧 🫖',
  // Marks that pile up above and below a letter.
  `Z${'\u030D\u0323'.repeat(14)}`,
];

/** Texts that paint outside the element matched by `box`, or outside the screen. */
function outside(page: Page, box: string): Promise<string[]> {
  return page.evaluate((box) => {
    const found: string[] = [];
    const texts = document.createTreeWalker(document.querySelector('main') ?? document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const owner = texts.currentNode.parentElement;
      const around = owner?.closest(box)?.getBoundingClientRect();
      if (!owner?.checkVisibility() || !around) continue;
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      for (const { left, right, top, bottom } of range.getClientRects()) {
        const isInside = left >= around.left - 1 && right <= around.right + 1 && top >= around.top - 1 && bottom <= around.bottom + 1;
        if (!isInside || left < -1 || right > document.documentElement.clientWidth + 1) found.push(owner.textContent ?? '');
      }
    }
    // Marks paint outside the line of their letter, which no rectangle tells.
    for (const name of document.querySelectorAll(`${box} :is(.call, .called) bdi`)) {
      if (getComputedStyle(name).overflowY !== 'clip') found.push(`${name.textContent} is not clipped`);
    }
    return found;
  }, box);
}

for (const name of NAMES) {
  test(`the name “${name}” stays in its box on the phone and on the tablet`, async ({ server, screens }) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    const phone = await screens.open('phone', { ...PHONE, viewport: { width: 320, height: 640 } });
    await phone.goto(await scan(tv));
    await waitUntilLive(phone);
    await phone.getByText('Flat white', { exact: true }).click();
    await phone.getByRole('textbox').filter({ visible: true }).fill(name);
    await phone.getByRole('button', { name: /flat white/ }).click();
    await expect(phone.getByText(name)).toBeVisible();
    await expect(tablet.getByRole('article').getByText(name)).toBeVisible();
    expect(await outside(tablet, 'article')).toEqual([]);
    expect(await outside(phone, 'main')).toEqual([]);
  });
}
