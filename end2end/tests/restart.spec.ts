// The server is killed while robots order: every screen shows the outage and is correct again within ten seconds.
import { PHONE, expect, waitUntilLive, orderNumbers, scan, test } from '../fixtures';

const RECOVERY_TIMEOUT = { timeout: 10_000 };

test('the server is killed and started again under robots, and every screen shows the truth again', async ({
  server,
  screens,
}) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Cappuccino', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order cappuccino' }).click();
  await expect(phone.getByRole('heading', { name: 'Your cappuccino is in the queue.' })).toBeVisible();

  const robots = server.run('robot', '--server', server.url, '--data', server.data, '--orders', '120', '--rate', '15');
  // The log shows that the robots work; their orders pass too fast for the screens.
  await expect.poll(() => server.position()).toBeGreaterThan(100);

  await server.kill();
  for (const page of [tv, tablet, phone]) {
    await expect(page.getByText(/not live since/)).toBeVisible(RECOVERY_TIMEOUT);
  }
  await server.start();
  for (const page of [tv, tablet, phone]) {
    await expect(page.getByRole('status').filter({ hasText: /^live$/ })).toBeVisible(RECOVERY_TIMEOUT);
  }
  // Commands acknowledged before the kill are kept, and the order can continue.
  const card = tablet.getByRole('article', { name: /Cappuccino/ }).filter({ hasText: 'Make' }).first();
  await expect(card).toBeVisible(RECOVERY_TIMEOUT);

  const { code, out } = await robots;
  expect(code, out).toBe(0);
  await tablet.getByRole('article', { name: 'Number 1, Cappuccino' }).getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your cappuccino is being made.' })).toBeVisible();

  // A reloaded page shows the reference state.
  const views = { preparing: await orderNumbers(tv, 'Preparing'), ready: await orderNumbers(tv, 'Ready') };
  await tv.reload();
  expect({ preparing: await orderNumbers(tv, 'Preparing'), ready: await orderNumbers(tv, 'Ready') }).toEqual(views);
  expect(views).toEqual({ preparing: ['1'], ready: [] });
});
