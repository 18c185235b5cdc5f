// A refusal is shown until its reason may have changed, not until the next press.
import { PHONE, type Screens, type TestServer, expect, waitUntilLive, scan, test } from '../fixtures';

async function openChoice(server: TestServer, screens: Screens) {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  return { phone, tablet, order: phone.getByRole('button', { name: 'Order flat white' }), notice: phone.getByRole('alert') };
}

test('the refusal of a closed shop disappears when the shop opens', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { phone, tablet, order, notice } = await openChoice(server, screens);
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(phone.locator('.lead')).toContainText('has closed meanwhile');
  await order.click();
  await expect(notice).toContainText('closed');
  await tablet.getByRole('button', { name: 'Open the shop' }).click();
  await expect(phone.locator('.lead')).toBeEmpty();
  await expect(notice).toHaveCount(0);

  // Another choice clears the refusal, because it may be accepted.
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(phone.locator('.lead')).toContainText('has closed meanwhile');
  await order.click();
  await expect(notice).toBeVisible();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await expect(notice).toHaveCount(0);
});

test('a guest whom nobody heard is told so until the connection is back', async ({ server, screens }) => {
  const { phone, order, notice } = await openChoice(server, screens);
  await server.kill();
  await expect(phone.getByText(/not live since/)).toBeVisible();
  await order.click();
  await expect(notice).toContainText('could not reach');
  await server.start();
  await waitUntilLive(phone);
  await expect(notice).toHaveCount(0);
});
