// Keyboard operation: a guest from menu to queue, a barista from queue to collection, and focus management.
import type { Page } from '@playwright/test';
import { PHONE, expect, live, scan, test } from '../bar';

/** The name of the focused element; empty if nothing has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const has = document.activeElement;
    if (!has || has === document.body) return '';
    const card = has.closest('article')?.getAttribute('aria-label');
    const words = has.matches('input') ? (has.closest('label')?.textContent ?? '') : (has.textContent ?? '');
    return [card, words.trim()].filter(Boolean).join(': ');
  });
}

/** Presses Tab until this element has the focus. The focus must be visible at every stop. */
async function reach(page: Page, words: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if (words.test(await focused(page))) return;
    await page.keyboard.press(key);
    await outlined(page);
  }
  throw new Error(`${words} is out of reach; ${await focused(page)} has the focus`);
}

/** The outline of the focused element. A radio option shows it on its label. */
async function outlined(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const has = document.activeElement;
    if (!has || has === document.body) return 'of the browser';
    const shown = has.matches('input[type=radio]') ? has.closest('label') : has;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown ?? has);
    return outlineStyle === 'none' ? '' : outlineWidth;
  });
  expect(outline, await focused(page)).not.toMatch(/^(0px)?$/);
}

/** Waits until this element has a visible focus. */
async function has(page: Page, words: RegExp | string): Promise<void> {
  await expect.poll(() => focused(page)).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  await outlined(page);
}

test('a guest orders and cancels with keys alone', async ({ bar, screens }) => {
  const { tv } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await live(phone);
  await reach(phone, /^Flat white$/);
  await phone.keyboard.press('Enter');
  await reach(phone, /^Medium/);
  await reach(phone, /^Cow’s milk/);
  await phone.keyboard.press('ArrowRight');
  await has(phone, /^Oat/);
  await expect(phone.getByText('Contains gluten.')).toBeVisible();
  await reach(phone, /What shall we call out/);
  await phone.keyboard.type('Ada');
  await reach(phone, /^Order flat white$/);
  await phone.keyboard.press('Space');
  await has(phone, 'Your flat white is in the queue.');
  await reach(phone, /^Cancel my order$/);
  await phone.keyboard.press('Enter');
  await reach(phone, /^Yes, cancel it$/);
  await phone.keyboard.press('Enter');
  // The undo button takes the focus, so the same key reverts the step.
  await has(phone, 'No, I want it after all');
  await phone.keyboard.press('Enter');
  await has(phone, 'Your flat white is in the queue.');
});

test('a refused guest keeps the focus where it was', async ({ bar, screens }) => {
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await live(phone);
  screens.expect(/status of 409/);
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(phone.locator('.lead')).toContainText('has closed meanwhile');
  await reach(phone, /^Espresso$/);
  await phone.keyboard.press('Enter');
  await reach(phone, /^Order espresso$/);
  await phone.keyboard.press('Enter');
  await expect(phone.getByRole('alert')).toBeVisible();
  await has(phone, 'Order espresso');
});

test('a barista makes drinks with keys alone', async ({ bar, screens }) => {
  const robot = await bar.script('robot');
  for (const drink of ['espresso', 'filter', 'filter']) await robot.order(drink);
  const { tablet } = await screens.crew(bar);
  await reach(tablet, /^Close the shop$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, 'Open the shop');
  await tablet.keyboard.press('Enter');
  await has(tablet, 'Close the shop');

  // The focus follows the card when it moves, in both directions.
  await reach(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 1, .*: Ready$/);
  await reach(tablet, /^Number 1, .*: Put back$/);
  await tablet.keyboard.press('Space');
  await has(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 1, .*: Ready$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 1, .*: Collected$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Ready\b/);

  await reach(tablet, /^Number 2, .*: Cancel$/, 'Shift+Tab');
  await tablet.keyboard.press('Enter');
  await reach(tablet, /^Number 2, .*: Cancel this order$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 2, .*: Undo$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 2, .*: Make$/);

  // The next card takes the focus when a card is removed.
  const colleague = await bar.script('barista');
  for (const number of [2, 3]) {
    await colleague.step('claim', number);
    await colleague.step('complete', number);
  }
  await reach(tablet, /^Number 2, .*: Collected$/);
  await tablet.keyboard.press('Enter');
  await has(tablet, /^Number 3, .*: Collected$/);
});

test('focus is not taken from whoever has moved on', async ({ bar, screens }) => {
  const robot = await bar.script('robot');
  for (const drink of ['espresso', 'filter']) await robot.order(drink);
  const { tablet } = await screens.crew(bar);
  const barista = await bar.script('barista');
  // The response is held back until the focus has moved on.
  let answer = (): void => undefined;
  const elsewhere = new Promise<void>((done) => (answer = done));
  await tablet.route('**/api/orders/claim', async (route) => {
    await elsewhere;
    await route.continue();
  });
  await reach(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await reach(tablet, /^Number 2, .*: Make$/);
  answer();
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
  await has(tablet, /^Number 2, .*: Make$/);
  // Changes by others do not move the focus either.
  await robot.order('latte');
  await barista.step('cancel', 3);
  await expect(tablet.getByText('cancelled', { exact: true })).toBeVisible();
  await has(tablet, /^Number 2, .*: Make$/);
});

test('a key held down presses once, wherever the focus goes', async ({ bar, screens }) => {
  const robot = await bar.script('robot');
  await robot.order('espresso');
  const { tablet } = await screens.crew(bar);
  await reach(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.down('Enter');
  await has(tablet, /^Number 1, .*: Ready$/);
  // A repeated key sends keydown events without a keyup.
  for (let n = 0; n < 5; n += 1) await tablet.keyboard.down('Enter');
  await robot.order('latte');
  await expect(tablet.getByRole('article')).toHaveCount(2);
  await has(tablet, /^Number 1, .*: Ready$/);
  await tablet.keyboard.up('Enter');
  // Keys that move the focus do repeat.
  await tablet.keyboard.down('Tab');
  await has(tablet, /^Number 1, .*: Put back$/);
  await tablet.keyboard.down('Tab');
  await has(tablet, /^Number 1, .*: Cancel$/);
});
