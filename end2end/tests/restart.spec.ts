// The server is killed while robots order: every screen shows the outage and is correct again within ten seconds.
import { PHONE, expect, live, numbers, scan, test } from '../bar';

const WITHIN = { timeout: 10_000 };

test('the server is killed and started again under robots, and every screen shows the truth again', async ({
  bar,
  screens,
}) => {
  const { tv, tablet } = await screens.crew(bar);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await live(phone);
  await phone.getByText('Cappuccino', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order cappuccino' }).click();
  await expect(phone.getByRole('heading', { name: 'Your cappuccino is in the queue.' })).toBeVisible();

  const robots = bar.run('robot', '--server', bar.url, '--data', bar.data, '--orders', '120', '--rate', '15');
  // The log shows that the robots work; their orders pass too fast for the screens.
  await expect.poll(() => bar.position()).toBeGreaterThan(100);

  await bar.kill();
  for (const page of [tv, tablet, phone]) {
    await expect(page.getByText(/not live since/)).toBeVisible(WITHIN);
  }
  await bar.start();
  for (const page of [tv, tablet, phone]) {
    await expect(page.getByRole('status').filter({ hasText: /^live$/ })).toBeVisible(WITHIN);
  }
  // Commands acknowledged before the kill are kept, and the order can continue.
  const card = tablet.getByRole('article', { name: /Cappuccino/ }).filter({ hasText: 'Make' }).first();
  await expect(card).toBeVisible(WITHIN);

  const { code, out } = await robots;
  expect(code, out).toBe(0);
  await tablet.getByRole('article', { name: 'Number 1, Cappuccino' }).getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: 'Your cappuccino is being made.' })).toBeVisible();

  // A reloaded page shows the reference state.
  const shown = { preparing: await numbers(tv, 'Preparing'), ready: await numbers(tv, 'Ready') };
  await tv.reload();
  expect({ preparing: await numbers(tv, 'Preparing'), ready: await numbers(tv, 'Ready') }).toEqual(shown);
  expect(shown).toEqual({ preparing: ['1'], ready: [] });
});
