// The phone without JavaScript: pages, forms and links from scan to collection.
import { PHONE, expect, scan, test } from '../fixtures';

test('the whole order works with JavaScript off on the phone', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', { ...PHONE, javaScriptEnabled: false });

  await phone.goto(await scan(tv));
  await phone.getByRole('button', { name: 'Choose my coffee' }).click();
  await expect(phone).toHaveURL(`${server.url}/s/demo`);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is in the queue.' })).toBeVisible();

  const card = tablet.getByRole('article', { name: 'Number 1, Flat white, Medium, Oat' });
  await card.getByRole('button', { name: 'Make' }).click();
  await expect(card.getByRole('button', { name: 'Ready' })).toBeVisible();
  await phone.reload();
  await expect(phone.getByRole('heading', { name: 'Your flat white is being made.' })).toBeVisible();
  await card.getByRole('button', { name: 'Ready' }).click();
  await expect(card.getByRole('button', { name: 'Collected' })).toBeVisible();
  await phone.reload();
  await expect(phone.getByRole('heading', { name: 'Your flat white is ready. Come and get it!' })).toBeVisible();
});
