// A phone with two orders: both are on the page, a ready one first, and neither disturbs the other.
import type { Page } from '@playwright/test';
import { PHONE, expect, scan, test, waitUntilLive } from '../fixtures';

async function orderDrink(phone: Page, link: string, drink: string): Promise<void> {
  await phone.goto(link);
  await waitUntilLive(phone);
  await phone.getByText(drink, { exact: true }).click();
  await phone.getByRole('button', { name: /^Order / }).click();
  await expect(phone.getByRole('heading', { name: `Your ${drink.toLowerCase()} is in the queue.` })).toBeVisible();
}

/** The drinks of the cards, from the top. */
const cards = (phone: Page) => phone.locator('.ordered .chosen bdi').allInnerTexts();

test('a drink that becomes ready is told while the next one is chosen, and both stay on the page', async ({
  server,
  screens,
}) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  const link = await scan(tv);
  await phone.goto(link);
  await waitUntilLive(phone);
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order espresso' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();

  await phone.goto(link);
  await waitUntilLive(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  const oat = phone.getByRole('radio', { name: /^Oat/ }).filter({ visible: true });
  await oat.check();
  await expect(phone.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();
  const card = tablet.getByRole('article', { name: /^Number 1,/ });
  await card.getByRole('button', { name: 'Make' }).click();
  await card.getByRole('button', { name: 'Ready' }).click();
  const first = phone.getByRole('heading', { level: 1 });
  await expect(first).toHaveText('Your espresso is ready. Come and get it!');
  await expect(oat).toBeChecked();
  await card.getByRole('button', { name: 'Call again' }).click();
  await expect(first).toHaveText('We called you twice: your espresso is ready. Come and get it!');
  await expect(oat).toBeChecked();

  await phone.reload();
  await waitUntilLive(phone);
  await expect(first).toHaveText(/your espresso is ready/);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is in the queue.' })).toBeVisible();
  await expect(first).toHaveText(/your espresso is ready/);
  await card.getByRole('button', { name: 'Collected' }).click();
  await expect(first).toHaveText('Your flat white is in the queue.');
  await expect(phone.getByRole('heading', { name: 'Enjoy your espresso!' })).toBeVisible();
});

for (const reloads of [false, true]) {
  const how = reloads ? 'after a reload' : 'without a reload';
  test(`with three orders on one phone, whatever becomes ready is first ${how}`, async ({ server, screens }) => {
    const { tv } = await screens.openStaffScreens(server);
    const barista = await server.apiClient('barista');
    const phone = await screens.open('phone', PHONE);
    const link = await scan(tv);
    for (const drink of ['Espresso', 'Americano', 'Chai latte']) await orderDrink(phone, link, drink);
    const first = phone.getByRole('heading', { level: 1 });
    const seen = async (heading: string, drinks: string[], title: string) => {
      if (reloads) await phone.reload();
      await expect(first).toHaveText(heading);
      await expect.poll(() => cards(phone).then((texts) => texts.map((text) => text.split(',')[0]))).toEqual(drinks);
      await expect(phone).toHaveTitle(title);
    };
    await seen('Your chai latte is in the queue.', ['Chai latte', 'Americano', 'Espresso'], 'Crema Demo');
    await barista.step('claim', 1);
    await barista.step('complete', 1);
    await seen('Your espresso is ready. Come and get it!', ['Espresso', 'Chai latte', 'Americano'], '● 1 ready');
    await barista.step('claim', 2);
    await barista.step('complete', 2);
    await seen('Your americano is ready. Come and get it!', ['Americano', 'Espresso', 'Chai latte'], '● 2, 1 ready');
    // The one that was handed out last stays below the others.
    await barista.step('collect', 2);
    await seen('Your espresso is ready. Come and get it!', ['Espresso', 'Chai latte', 'Americano'], '● 1 ready');
    await barista.step('collect', 1);
    await seen('Your chai latte is in the queue.', ['Chai latte', 'Espresso'], 'Crema Demo');
  });
}

test('a second choice that is given up leaves the first order on the page', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const barista = await server.apiClient('barista');
  const phone = await screens.open('phone', PHONE);
  const link = await scan(tv);
  await orderDrink(phone, link, 'Espresso');
  await phone.goto(link);
  await waitUntilLive(phone);
  await barista.step('claim', 1);
  await phone.getByRole('button', { name: 'Leave without ordering' }).click();
  await phone.getByRole('button', { name: 'Yes, leave' }).click();
  await expect(phone.getByRole('heading', { level: 1 })).toHaveText('Your espresso is being made.');
  await phone.reload();
  await expect(phone.getByRole('heading', { level: 1 })).toHaveText('Your espresso is being made.');
});

test('ready is the whole screen, the title and a shake of the phone', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const barista = await server.apiClient('barista');
  const phone = await screens.open('phone', PHONE);
  await phone.addInitScript(() => {
    const shakes: unknown[] = [];
    Object.assign(globalThis, { shakes });
    navigator.vibrate = (pattern) => shakes.push(pattern) > 0;
  });
  const shakes = () => phone.evaluate(() => (globalThis as unknown as { shakes: unknown[] }).shakes.length);
  const ground = () => phone.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await orderDrink(phone, await scan(tv), 'Espresso');
  const before = await ground();
  await barista.step('claim', 1);
  await expect(phone.getByRole('heading', { name: 'Your espresso is being made.' })).toBeVisible();
  expect([await ground(), await shakes()]).toEqual([before, 0]);
  await barista.step('complete', 1);
  await expect(phone).toHaveTitle('● 1 ready');
  await expect.poll(ground).not.toBe(before);
  await expect.poll(shakes).toBeGreaterThan(0);
  await expect(phone.getByText('Collect it at the bar: show 1.')).toBeInViewport();
  await barista.step('collect', 1);
  await expect(phone).toHaveTitle('Crema Demo');
  await expect.poll(ground).toBe(before);
});
