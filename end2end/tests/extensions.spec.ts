// Extension content: at drinks, at an order, on the display, and on the extensions' own pages.
import type { Page } from '@playwright/test';
import { type TestServer, PHONE, redeemLink, expect, waitUntilLive, scan, test } from '../fixtures';

/** Takes an espresso through all steps. */
async function completeEspresso(server: TestServer): Promise<void> {
  const [robot, barista] = [await server.apiClient('robot'), await server.apiClient('barista')];
  await robot.order('espresso');
  await barista.step('claim', 1);
  await barista.step('complete', 1);
}

async function orderEspresso(phone: Page, code: string): Promise<void> {
  await phone.goto(code);
  await waitUntilLive(phone);
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order espresso' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();
}

test('a guest sees the wait at the drink, and passes on the journey of the order', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  const code = await scan(tv);
  await phone.goto(code);
  await waitUntilLive(phone);
  const espresso = phone.locator('summary').filter({ hasText: 'Espresso' });
  await expect(espresso).toBeVisible();
  await expect(espresso).not.toContainText('Wait');
  await completeEspresso(server);
  await expect(espresso).toContainText('Wait now under a minute');

  await orderEspresso(phone, `${server.url}/s/demo`);
  const card = tablet.getByRole('article', { name: /^Number 2,/ });
  await card.getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is being made.' })).toBeVisible();
  await phone.getByRole('link', { name: 'Journey' }).click();
  await expect(phone.getByRole('heading', { name: 'Journey of order 2' })).toBeVisible();
  await expect(phone.getByRole('heading', { level: 3 })).toHaveText([
    'Scanned',
    'At the menu',
    'Chosen',
    'A number',
    'In the queue',
    'Being made',
  ]);

  // The shared link works in a browser without cookies.
  const friend = await screens.open('friend', PHONE);
  await friend.goto(await phone.getByLabel('Address').inputValue());
  await expect(friend.getByRole('heading', { name: 'Journey of order 2' })).toBeVisible();
  screens.expect(/status of 401/);
  await friend.goto(phone.url());
  await expect(friend.getByRole('heading', { name: 'Journey of order 2' })).toHaveCount(0);

  await phone.getByRole('link', { name: 'Back to my order' }).click();
  await waitUntilLive(phone);
  await phone.getByRole('link', { name: 'My orders' }).click();
  await expect(phone.getByRole('listitem').filter({ hasText: 'Espresso' })).toContainText('Being made');
});

test('an order that was cancelled has a journey too, on the phone and behind the bar', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await orderEspresso(phone, await scan(tv));
  await phone.getByText('Cancel my order').click();
  await phone.getByRole('button', { name: 'Cancel it' }).click();
  await expect(phone.getByRole('heading', { name: 'Your order is cancelled.' })).toBeVisible();
  await phone.getByRole('link', { name: 'Journey' }).click();
  await expect(phone.getByText(/^Espresso, cancelled by the guest after/)).toBeVisible();

  const tab = tablet.context().waitForEvent('page');
  await tablet.getByRole('article').getByRole('link', { name: /^Journey/ }).click();
  await expect((await tab).getByText(/^Espresso, cancelled by the guest after/)).toBeVisible();
  await waitUntilLive(tablet);
});

test('the TV shows the waits until the manager switches them off', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const head = tv.locator('.pins.head');
  const drinks = tv.locator('.pins.drinks');
  await expect(tv.getByRole('img', { name: /QR code/ })).toBeVisible();
  await expect(tv.locator('.pins')).toHaveCount(0);
  await completeEspresso(server);
  await expect(head).toHaveText('Wait now under a minute');
  await expect(drinks).toHaveText('Espresso under a minute');

  const office = await screens.open('office', { ...PHONE, javaScriptEnabled: false });
  await redeemLink(office, server.link('office'));
  await office.getByRole('link', { name: 'Extensions' }).click();
  await office.getByRole('button', { name: 'Switch off: Wait times' }).click();
  await expect(tv.locator('.pins')).toHaveCount(0);
  await office.getByRole('button', { name: 'Switch on: Wait times' }).click();
  await expect(head).toHaveText('Wait now under a minute');
});
