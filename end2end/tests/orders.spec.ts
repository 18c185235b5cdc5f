// A phone with two orders: both are on the page, a ready one first, and neither disturbs the other.
import { PHONE, expect, scan, test, waitUntilLive } from '../fixtures';

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
