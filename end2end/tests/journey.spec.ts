// One order on three screens: the phone follows the code on the TV, the tablet makes it, nobody reloads.
import { PHONE, expect, live, numbers, scan, test } from '../bar';

test('a guest orders, a barista makes it, and every screen shows it without reload', async ({ bar, screens }) => {
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await expect(tv.getByText('10 of 10 left')).toBeVisible();

  const link = await scan(tv);
  expect(link).toContain(`${bar.url}/q/`);
  await phone.goto(link);
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
  await live(phone);
  await expect(tv.getByText('9 of 10 left')).toBeVisible();

  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await expect(phone.getByText('Contains gluten.')).toBeVisible();
  await phone.getByLabel(/What shall we call out/).filter({ visible: true }).fill('Ada');
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is in the queue.' })).toBeVisible();
  await expect(phone.getByText('You are next.')).toBeVisible();

  const card = tablet.getByRole('article', { name: 'Number 1, Flat white, Medium, Oat' });
  await expect(card).toBeVisible();
  await expect(card.getByText('for Ada')).toBeVisible();
  await expect.poll(() => numbers(tv, 'Preparing')).toEqual(['1']);

  await card.getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is being made.' })).toBeVisible();
  await card.getByRole('button', { name: 'Ready' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is ready. Come and get it!' })).toBeVisible();
  await expect.poll(() => numbers(tv, 'Ready')).toEqual(['1']);
  await expect.poll(() => numbers(tv, 'Preparing')).toEqual([]);

  await card.getByRole('button', { name: 'Collected' }).click();
  await expect(phone.getByRole('heading', { name: 'Enjoy your flat white!' })).toBeVisible();
  await expect.poll(() => numbers(tv, 'Ready')).toEqual([]);
});

test('doors closed on the tablet close on the TV, and a scan is told so', async ({ bar, screens }) => {
  const { tv, tablet } = await screens.crew(bar);
  const link = await scan(tv);
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(tv.getByRole('heading', { name: 'We are closed' })).toBeVisible();

  screens.expect(/status of 409/);
  const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
  await plain.goto(link);
  const answer = plain.waitForResponse((response) => response.url().endsWith('/api/orders/start'));
  await plain.getByRole('button', { name: 'Choose my coffee' }).click();
  expect((await answer).status()).toBe(409);
  await expect(plain.getByRole('heading', { name: 'The shop is closed' })).toBeVisible();

  await tablet.getByRole('button', { name: 'Open the shop' }).click();
  await expect(tv.getByRole('img', { name: /QR code/ })).toBeVisible();
});

test('a guest cancels before anybody makes it, and it leaves every screen', async ({ bar, screens }) => {
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await live(phone);
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order espresso' }).click();
  await expect.poll(() => numbers(tv, 'Preparing')).toEqual(['1']);
  await phone.getByText('Cancel my order').click();
  await phone.getByRole('button', { name: 'Yes, cancel it' }).click();
  await expect(phone.getByRole('heading', { name: 'Your order is cancelled.' })).toBeVisible();
  await expect.poll(() => numbers(tv, 'Preparing')).toEqual([]);
  await expect(tablet.getByRole('article')).toHaveCount(0);
});
