// The menu under a finger: rows stay where they are, the button stays in sight and says what it orders.
import type { Locator, Page } from '@playwright/test';
import { PHONE, type Screens, type TestServer, expect, scan, test, waitUntilLive } from '../fixtures';

async function openMenu(server: TestServer, screens: Screens): Promise<Page> {
  const { tv } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  return phone;
}

const top = async (row: Locator) => (await row.boundingBox())?.y ?? Number.NaN;

test('a tapped drink stays under the finger or comes up, and its button is in sight', async ({ server, screens }) => {
  const phone = await openMenu(server, screens);
  const rows = phone.locator('summary');
  const third = PHONE.viewport!.height / 3;
  for (let n = 0; n < (await rows.count()); n += 1) {
    const row = rows.nth(n);
    await row.scrollIntoViewIfNeeded();
    const before = await top(row);
    await row.click();
    await expect(phone.getByRole('button', { name: /^Order / })).toBeInViewport({ ratio: 1 });
    // Up to the upper third of the screen, and never away from below the finger without need.
    await expect.poll(() => top(row)).toBeGreaterThan(Math.min(before, third) - 2);
    expect(await top(row)).toBeLessThan(before + 2);
  }
  // Another drink closes above the tapped one: everything below would move up by its height.
  await rows.first().click();
  await rows.nth(2).click();
  await phone.evaluate(() => scrollTo(0, 300));
  const before = await top(rows.nth(3));
  await rows.nth(3).click();
  await expect(phone.locator('details[open] summary')).toHaveText(/Flat white/);
  await expect.poll(() => top(rows.nth(3))).toBeGreaterThan(Math.min(before, third) - 2);
});

test('after ordering the page shows its top', async ({ server, screens }) => {
  const phone = await openMenu(server, screens);
  await phone.locator('summary').last().click();
  await phone.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await phone.getByRole('button', { name: /^Order / }).click();
  await expect(phone.locator('.number strong')).toBeInViewport({ ratio: 1 });
  await expect(phone.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 });
  await expect.poll(() => phone.evaluate(() => scrollY)).toBe(0);
});

test('what is sold out has a label and no line below its name', async ({ server, screens }) => {
  const manager = await server.apiClient('manager');
  await manager.post('menu/availability', { thing: 'drink/mocha', available: 'false' });
  const phone = await openMenu(server, screens);
  const row = phone.locator('.drink-row.out');
  await expect(row).toHaveText(/Mocha.*sold out/);
  const borders = await row.locator('small').evaluateAll((notes) => notes.map((note) => getComputedStyle(note).borderTopWidth));
  expect(borders).toEqual(['0px', '1px']);
});

test('leaving without an order asks first, and a no keeps everything', async ({ server, screens }) => {
  const phone = await openMenu(server, screens);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await phone.getByRole('button', { name: 'Leave without ordering' }).click();
  await expect(phone.getByText('Give your place to the next guest?')).toBeVisible();
  await phone.getByRole('button', { name: 'Keep choosing' }).click();
  await expect(phone.getByRole('dialog')).toBeHidden();
  await expect(phone.getByRole('radio', { name: /^Oat/ })).toBeChecked();
  await phone.getByRole('button', { name: 'Leave without ordering' }).click();
  await phone.getByRole('button', { name: 'Yes, leave' }).click();
  await expect(phone.getByRole('heading', { name: 'Your order is cancelled.' })).toBeVisible();
});
