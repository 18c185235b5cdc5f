// Each refusal of a guest is a page: why, how long, and the way on.
import { PHONE, expect, orderByPhone, scan, test, waitUntilLive } from '../fixtures';

test('a guest whose code is used up reads when the next one comes', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const manager = await server.apiClient('manager');
  // No window of five minutes begins with one of these: it would keep its ten drinks.
  await manager.post('store/limits', { 'change[drinks_per_code]': '1', 'change[window_seconds]': '49999' });
  const { tv } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  const quick = await screens.open('quick', PHONE);
  await quick.goto(link);
  await waitUntilLive(quick);
  for (const javaScriptEnabled of [true, false]) {
    const late = await screens.open('late', { ...PHONE, javaScriptEnabled });
    await late.goto(link);
    await expect(late.getByRole('heading', { name: 'All taken for now' })).toBeVisible();
    await expect(late.getByText(/^Next code in \d+:\d\d$/)).toBeVisible();
    await late.getByRole('link', { name: 'See the menu' }).click();
    await expect(late.getByText('Flat white', { exact: true })).toBeVisible();
  }
});

test('a full bar tries again by itself, and leads back to an open order', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const manager = await server.apiClient('manager');
  const barista = await server.apiClient('barista');
  await manager.post('store/limits', { 'change[room]': '1' });
  const { tv } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  const first = await orderByPhone(screens, link, 'Espresso');
  const second = await screens.open('second', PHONE);
  await second.clock.install();
  await second.goto(link);
  await expect(second.getByRole('heading', { name: 'We are busy' })).toBeVisible();
  await expect(second.getByText(/^We try again for you in 0:[0-3]\d$/)).toBeVisible();
  await first.goto(link);
  await expect(first.getByRole('heading', { name: 'We are busy' })).toBeVisible();
  await first.getByRole('link', { name: 'Back to my order' }).click();
  await expect(first.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();

  await barista.step('claim', 1);
  await barista.step('complete', 1);
  await expect(first.getByRole('heading', { name: /is ready/ })).toBeVisible();
  await second.clock.fastForward(31_000);
  await expect(second.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a guest at the limit reads which drink that was', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[orders_per_guest]': '1' });
  const { tv } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  const phone = await orderByPhone(screens, link, 'Espresso');
  await phone.goto(link);
  await expect(phone.getByRole('heading', { name: 'That was your 1st drink today' })).toBeVisible();
  await expect(phone.getByText('That is the most for one phone.')).toBeVisible();
  await phone.getByRole('link', { name: 'Back to my order' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();
});

test('a code that is turned away between the page and its command is told on a page, too', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { tv } = await screens.openStaffScreens(server);
  const manager = await server.apiClient('manager');
  const phone = await screens.open('phone', PHONE);
  await phone.route('**/orders/start', async (route) => {
    await manager.post('store/close', {});
    await route.continue();
  });
  await phone.goto(await scan(tv));
  await expect(phone.getByRole('heading', { name: 'The shop is closed' })).toBeVisible();
  await expect(phone.getByText(/^We try again for you in (1:00|0:\d\d)$/)).toBeVisible();
  await phone.unrouteAll();
  await manager.post('store/open', {});
  await phone.getByRole('link', { name: 'Try now' }).click();
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a scan that nobody heard is sent again by itself', async ({ server, screens }) => {
  screens.expect(/net::ERR_FAILED/);
  const { tv } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  let lost = 0;
  await phone.route('**/orders/start', async (route) => {
    lost += 1;
    if (lost === 1) await route.abort();
    else await route.continue();
  });
  await phone.goto(await scan(tv));
  await expect(phone.getByRole('alert')).toContainText('We could not reach the bar');
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a code that is not right can be typed again', async ({ server, screens }) => {
  screens.expect(/status of 404/);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(`${server.url}/q/`);
  await expect(phone.getByRole('heading', { name: 'Type the code' })).toBeVisible();
  await phone.getByLabel('Code').fill('abcd efgh');
  await phone.getByRole('button', { name: 'Continue' }).click();
  await expect(phone.getByRole('heading', { name: 'That code is not right' })).toBeVisible();
  await phone.getByRole('link', { name: 'Type it again' }).click();
  await expect(phone.getByRole('heading', { name: 'Type the code' })).toBeVisible();
});

test('a change that comes too late says so, and leads back to the order', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { tv } = await screens.openStaffScreens(server);
  const barista = await server.apiClient('barista');
  const phone = await orderByPhone(screens, await scan(tv), 'Espresso');
  await phone.getByRole('link', { name: 'Change my drink' }).click();
  await barista.step('claim', 1);
  await phone.getByText('Mocha', { exact: true }).click();
  await phone.getByRole('button', { name: 'Change to this' }).click();
  await expect(phone.getByRole('heading', { name: 'The drink is being made already' })).toBeVisible();
  await phone.getByRole('link', { name: 'Back to my order' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is being made.' })).toBeVisible();
});
