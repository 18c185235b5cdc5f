// A refusal is shown until its reason may have changed, not until the next press.
import { PHONE, type Screens, type Bar, expect, live, scan, test } from '../bar';

async function choosing(bar: Bar, screens: Screens) {
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await live(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  return { phone, tablet, order: phone.getByRole('button', { name: 'Order flat white' }), notice: phone.getByRole('alert') };
}

test('a guest refused by closed doors is not refused any more when they open', async ({ bar, screens }) => {
  screens.expect(/status of 409/);
  const { phone, tablet, order, notice } = await choosing(bar, screens);
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

test('a guest whom nobody heard is told so until the connection is back', async ({ bar, screens }) => {
  const { phone, order, notice } = await choosing(bar, screens);
  await bar.kill();
  await expect(phone.getByText(/not live since/)).toBeVisible();
  await order.click();
  await expect(notice).toContainText('could not reach');
  await bar.start();
  await live(phone);
  await expect(notice).toHaveCount(0);
});
