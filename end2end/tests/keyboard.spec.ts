// Keyboard operation: a guest from menu to queue, a barista from queue to collection, and focus management.
import type { Page } from '@playwright/test';
import { PHONE, expect, waitUntilLive, scan, test } from '../fixtures';

/** The name of the focused element; empty if nothing has the focus. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.activeElement;
    if (!active || active === document.body) return '';
    const card = active.closest('article')?.getAttribute('aria-label');
    const words = active.matches('input') ? (active.closest('label')?.textContent ?? '') : (active.textContent ?? '');
    return [card, words.trim()].filter(Boolean).join(': ');
  });
}

/** Presses Tab until this element has the focus. The focus must be visible at every stop. */
async function tabTo(page: Page, words: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if (words.test(await focusedName(page))) return;
    await page.keyboard.press(key);
    await expectOutline(page);
  }
  throw new Error(`${words} is not reachable by Tab; ${await focusedName(page)} has the focus`);
}

/** The outline of the focused element. A radio option shows it on its label. */
async function expectOutline(page: Page): Promise<void> {
  const outline = await page.evaluate(() => {
    const active = document.activeElement;
    if (!active || active === document.body) return 'no element';
    const shown = active.matches('input[type=radio]') ? active.closest('label') : active;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown ?? active);
    return outlineStyle === 'none' ? '' : outlineWidth;
  });
  expect(outline, await focusedName(page)).not.toMatch(/^(0px)?$/);
}

/** Waits until this element has a visible focus. */
async function expectFocus(page: Page, words: RegExp | string): Promise<void> {
  await expect.poll(() => focusedName(page)).toEqual(typeof words === 'string' ? words : expect.stringMatching(words));
  await expectOutline(page);
}

test('a guest orders and cancels with keys alone', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await tabTo(phone, /^Flat white$/);
  await phone.keyboard.press('Enter');
  await tabTo(phone, /^Medium/);
  await tabTo(phone, /^Cow’s milk/);
  await phone.keyboard.press('ArrowRight');
  await expectFocus(phone, /^Oat/);
  await expect(phone.getByText('Contains gluten.')).toBeVisible();
  await tabTo(phone, /Name for the cup/);
  await phone.keyboard.type('Ada');
  await tabTo(phone, /^Order flat white, oat$/);
  await phone.keyboard.press('Space');
  await expectFocus(phone, 'Your flat white is in the queue.');
  await tabTo(phone, /^Cancel my order$/);
  await phone.keyboard.press('Enter');
  await tabTo(phone, /^Cancel it$/);
  await phone.keyboard.press('Enter');
  // The undo button takes the focus, so the same key reverts the step.
  await expectFocus(phone, 'Undo: I still want it');
  await phone.keyboard.press('Enter');
  await expectFocus(phone, 'Your flat white is in the queue.');
});

test('a refused guest keeps the focus where it was', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  screens.expect(/status of 409/);
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(phone.locator('.lead')).toContainText('has closed meanwhile');
  await tabTo(phone, /^Espresso$/);
  await phone.keyboard.press('Enter');
  await tabTo(phone, /^Order espresso$/);
  await phone.keyboard.press('Enter');
  await expect(phone.getByRole('alert')).toBeVisible();
  await expectFocus(phone, 'Order espresso');
});

test('a barista makes drinks with keys alone', async ({ server, screens }) => {
  const robot = await server.apiClient('robot');
  for (const drink of ['espresso', 'filter', 'filter']) await robot.order(drink);
  const { tablet } = await screens.openStaffScreens(server);
  await tabTo(tablet, /^Close the shop$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, 'Open the shop');
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, 'Close the shop');

  // The focus follows the card when it moves, in both directions.
  await tabTo(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 1, .*: Ready$/);
  await tabTo(tablet, /^Number 1, .*: Put back$/);
  await tablet.keyboard.press('Space');
  await expectFocus(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 1, .*: Ready$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 1, .*: Collected$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Ready\b/);

  await tabTo(tablet, /^Number 2, .*: Cancel$/, 'Shift+Tab');
  await tablet.keyboard.press('Enter');
  await tablet.keyboard.press('Tab');
  await tablet.keyboard.press('ArrowDown');
  await tabTo(tablet, /^Number 2, .*: Cancel this order$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 2, .*: Undo$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 2, .*: Make$/);

  // The next card takes the focus when a card is removed.
  const colleague = await server.apiClient('barista');
  for (const number of [2, 3]) {
    await colleague.step('claim', number);
    await colleague.step('complete', number);
  }
  await tabTo(tablet, /^Number 2, .*: Collected$/);
  await tablet.keyboard.press('Enter');
  await expectFocus(tablet, /^Number 3, .*: Collected$/);
});

test('the focus stays where the user has moved it', async ({ server, screens }) => {
  const robot = await server.apiClient('robot');
  for (const drink of ['espresso', 'filter']) await robot.order(drink);
  const { tablet } = await screens.openStaffScreens(server);
  const barista = await server.apiClient('barista');
  // The response is held back until the focus has moved on.
  let answer = (): void => undefined;
  const elsewhere = new Promise<void>((done) => (answer = done));
  await tablet.route('**/api/orders/claim', async (route) => {
    await elsewhere;
    await route.continue();
  });
  await tabTo(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.press('Enter');
  await tabTo(tablet, /^Number 2, .*: Make$/);
  answer();
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
  await expectFocus(tablet, /^Number 2, .*: Make$/);
  // Changes by others do not move the focus either.
  await robot.order('latte');
  await barista.step('cancel', 3);
  await expect(tablet.getByText('cancelled', { exact: true })).toBeVisible();
  await expectFocus(tablet, /^Number 2, .*: Make$/);
});

test('a key held down presses once, wherever the focus goes', async ({ server, screens }) => {
  const robot = await server.apiClient('robot');
  await robot.order('espresso');
  const { tablet } = await screens.openStaffScreens(server);
  await tabTo(tablet, /^Number 1, .*: Make$/);
  await tablet.keyboard.down('Enter');
  await expectFocus(tablet, /^Number 1, .*: Ready$/);
  // A repeated key sends keydown events without a keyup.
  for (let n = 0; n < 5; n += 1) await tablet.keyboard.down('Enter');
  await robot.order('latte');
  await expect(tablet.getByRole('article')).toHaveCount(2);
  await expectFocus(tablet, /^Number 1, .*: Ready$/);
  await tablet.keyboard.up('Enter');
  // Keys that move the focus do repeat.
  await tablet.keyboard.down('Tab');
  await expectFocus(tablet, /^Number 1, .*: Put back$/);
  await tablet.keyboard.down('Tab');
  await expectFocus(tablet, /^Number 1, .*: Cancel$/);
});
