// One order on three screens, without a reload: the phone follows the code, the tablet makes the drink.
import { PHONE, expect, waitUntilLive, orderNumbers, scan, test } from '../fixtures';

test('a guest orders, a barista makes it, and every screen shows it without reload', async ({ server, screens }) => {
  // A code window that changes during the test would have its own count.
  await (await server.apiClient('manager')).post('store/limits', { 'change[window_seconds]': '86400' });
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await expect(tv.getByText('10 of 10 left')).toBeVisible();

  const link = await scan(tv);
  expect(link).toContain(`${server.url}/q/`);
  await phone.goto(link);
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
  await waitUntilLive(phone);
  await expect(tv.getByText('9 of 10 left')).toBeVisible();

  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await expect(phone.getByText('Contains gluten.')).toBeVisible();
  await phone.getByLabel(/Name for the cup/).filter({ visible: true }).fill('Ada');
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is in the queue.' })).toBeVisible();
  await expect(phone.getByText('You are next.')).toBeVisible();

  const card = tablet.getByRole('article', { name: 'Number 1, Flat white, Medium, Oat' });
  await expect(card).toBeVisible();
  await expect(card.getByText('for Ada')).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);

  await card.getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is being made.' })).toBeVisible();
  await card.getByRole('button', { name: 'Ready' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is ready. Come and get it!' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Ready')).toEqual(['1']);
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual([]);

  await card.getByRole('button', { name: 'Collected' }).click();
  await expect(phone.getByRole('heading', { name: 'Enjoy your flat white!' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Ready')).toEqual([]);
});

test('doors closed on the tablet close on the TV, and a scan is told so', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  await tablet.getByRole('button', { name: 'Close the shop' }).click();
  await expect(tv.getByRole('heading', { name: 'We are closed' })).toBeVisible();

  screens.expect(/status of 409/);
  const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
  const answer = await plain.goto(link);
  expect(answer?.status()).toBe(409);
  await expect(plain.getByRole('heading', { name: 'The shop is closed' })).toBeVisible();

  await tablet.getByRole('button', { name: 'Open the shop' }).click();
  await expect(tv.getByRole('img', { name: /QR code/ })).toBeVisible();
});

test('a guest cancels before anybody makes it, and it leaves every screen', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order espresso' }).click();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  await phone.getByRole('button', { name: 'Cancel my order' }).click();
  await expect(phone.getByText('Cancel your espresso?')).toBeVisible();
  await phone.getByRole('button', { name: 'Keep it' }).click();
  await expect(phone.getByRole('dialog')).toBeHidden();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  await phone.getByRole('button', { name: 'Cancel my order' }).click();
  await phone.getByRole('button', { name: 'Cancel it' }).click();
  await expect(phone.getByRole('heading', { name: 'Your order is cancelled.' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual([]);

  // Steps can be undone for a short time.
  await phone.getByRole('button', { name: 'Undo: I still want it' }).click();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  const card = tablet.getByRole('article', { name: /^Number 1,/ });
  await card.getByText('Cancel', { exact: true }).click();
  // Without a reason the form is not sent.
  await card.getByRole('button', { name: 'Cancel this order' }).click();
  await card.getByLabel('Why').selectOption('nobody came for it');
  await card.getByRole('button', { name: 'Cancel this order' }).click();
  const nobody_came = 'Nobody came for your espresso, so the bar cancelled it.';
  await expect(phone.getByRole('heading', { name: nobody_came })).toBeVisible();
  await card.getByRole('button', { name: 'Undo' }).click();
  await card.getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is being made.' })).toBeVisible();
});

test('a guest who does not choose in time loses the place, and one who asks has more', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[choose_seconds]': '6', 'change[extend_seconds]': '600' });
  const code = await scan(tv);
  const [slow, wise] = [await screens.open('slow', PHONE), await screens.open('wise', PHONE)];
  await wise.goto(code);
  await wise.getByRole('button', { name: 'More time' }).click();
  await expect(wise.getByRole('timer')).toHaveText(/^(10:0\d|9:5\d) to choose$/);
  await expect(wise.getByRole('button', { name: 'More time' })).toHaveCount(0);
  await slow.goto(code);
  await expect(slow.getByRole('heading', { name: 'Your time to choose is over.' })).toBeVisible();
  await expect(wise.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a break is told on every screen, and over when the bar goes on', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  await tablet.getByText('Take a break', { exact: true }).click();
  await tablet.getByLabel(/What people read/).fill('Milk is on its way');
  await tablet.getByRole('button', { name: 'Take the break' }).click();
  await expect(tv.getByRole('heading', { name: 'A short break' })).toBeVisible();
  await expect(tv.getByText('Milk is on its way.')).toBeVisible();
  await expect(tv.getByText(/^back in (5:00|4:5\d)$/)).toBeVisible();

  screens.expect(/status of 409/);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(link);
  await expect(phone.getByRole('heading', { name: 'We take a short break' })).toBeVisible();
  await expect(phone.getByText('Milk is on its way. We go on as soon as we can.')).toBeVisible();
  await expect(phone.getByText(/^Back in (5:0\d|4:5\d)$/)).toBeVisible();
  await tablet.getByRole('button', { name: 'Go on' }).click();
  await expect(tv.getByRole('img', { name: /QR code/ })).toBeVisible();
  await phone.getByRole('link', { name: 'Try now' }).click();
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a guest lets the others go first, and every screen has the new order', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order espresso' }).click();
  await expect(phone.getByText('You are next.')).toBeVisible();
  const postpone = phone.getByRole('button', { name: 'I am not here yet: let others go first' });
  await expect(postpone).toHaveCount(0);
  const robot = await server.apiClient('robot');
  await robot.order('latte');
  await postpone.click();
  await expect(phone.getByText('1 drink then comes before yours. You cannot take that back.')).toBeVisible();
  await phone.getByRole('button', { name: 'Keep my place' }).click();
  await expect(phone.getByRole('dialog')).toBeHidden();
  await expect(phone.getByText('You are next.')).toBeVisible();
  await postpone.click();
  await phone.getByRole('button', { name: 'Let them go first' }).click();
  await expect(phone.getByText('1 drink ahead of you.')).toBeVisible();
  await expect(postpone).toHaveCount(0);
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['2', '1']);
});
