// Several screens of one bar: they agree within a second, and again after any interruption.
import type { BrowserContextOptions, Page, Route } from '@playwright/test';
import { PHONE, TABLET, TV, type Screens, type TestServer } from '../fixtures';
import { expect, orderByPhone, orderNumbers, redeemLink, scan, test, waitUntilLive } from '../fixtures';

const WITHIN_A_SECOND = { timeout: 1_000 };
const WITHIN_TWO_SECONDS = { timeout: 2_000 };

/** Opens one more staff screen, by a link of its own. */
async function openStaffScreen(server: TestServer, screens: Screens, role: 'display' | 'barista', options: BrowserContextOptions) {
  const { out } = await server.run('link', '--data', server.data, '--role', role);
  const page = await screens.open(role, options);
  await redeemLink(page, out.trim().split(/\s+/).at(-1) ?? '');
  await waitUntilLive(page);
  return page;
}

/** What a screen shows, without what runs by itself: ages, countdowns, the time and the connection. */
async function shown(page: Page): Promise<string> {
  return page.evaluate(() => {
    const main = document.querySelector('main')?.cloneNode(true) as HTMLElement;
    for (const running of main.querySelectorAll('.age, .next-code, .wall-clock, .connection, [role="timer"]')) running.remove();
    return (main.textContent ?? '').replace(/\s+/g, ' ');
  });
}

/** Expects the page to show within two seconds what a page opened now shows. */
async function expectSameAsFresh(page: Page): Promise<void> {
  const fresh = await page.context().newPage();
  await fresh.goto(page.url());
  await waitUntilLive(fresh);
  await expect(async () => expect(await shown(page)).toBe(await shown(fresh))).toPass(WITHIN_TWO_SECONDS);
  await fresh.close();
}

/** The column of the board that shows the order with this number. */
async function columnOf(tablet: Page, number: number): Promise<string | null> {
  const cards = tablet.getByRole('article', { name: new RegExp(`^Number ${number},`) });
  return cards.evaluateAll((found) => found[0]?.closest('section')?.dataset.column ?? null);
}

test('the code on the TV changes by itself with its window, and a photograph of the last one is worthless', async ({
  server,
  screens,
}) => {
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[window_seconds]': '10', 'change[grace_seconds]': '0' });
  const { tv } = await screens.openStaffScreens(server);
  const photograph = await scan(tv);
  await expect.poll(() => scan(tv), { timeout: 11_000 }).not.toBe(photograph);
  expect((await fetch(photograph)).status).toBe(410);
  expect((await fetch(await scan(tv))).status).toBe(200);
});

test('a new length of windows reaches every TV at once, and the code before it works until its end', async ({
  server,
  screens,
}) => {
  const manager = await server.apiClient('manager');
  // Windows of one day and of 49,999 seconds do not begin together, and neither ends during this test.
  await manager.post('store/limits', { 'change[window_seconds]': '86400' });
  const { tv } = await screens.openStaffScreens(server);
  const other = await openStaffScreen(server, screens, 'display', TV);
  const before = await scan(tv);
  expect(await scan(other)).toBe(before);
  const opened = await screens.open('phone that scanned before', PHONE);
  await opened.route('**/orders/start', (route) => route.abort());
  screens.expect(/net::ERR_FAILED/);
  await opened.goto(before);
  await manager.post('store/limits', { 'change[window_seconds]': '49999' });
  await expect.poll(() => scan(tv), WITHIN_TWO_SECONDS).not.toBe(before);
  const fresh = await openStaffScreen(server, screens, 'display', TV);
  expect(new Set([await scan(tv), await scan(other), await scan(fresh)]).size).toBe(1);
  await opened.unroute('**/orders/start');
  await opened.getByRole('button', { name: 'Choose my coffee' }).click();
  await expect(opened.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
  await orderByPhone(screens, before, 'Espresso');
  await orderByPhone(screens, await scan(tv), 'Espresso');
});

test('when the last drink of a code is taken, the code leaves the TV within a second', async ({ server, screens }) => {
  const manager = await server.apiClient('manager');
  // No window of five minutes begins with one of these: it would keep its ten drinks.
  await manager.post('store/limits', { 'change[drinks_per_code]': '1', 'change[window_seconds]': '49999' });
  const { tv } = await screens.openStaffScreens(server);
  const link = await scan(tv);
  const phone = await screens.open('phone', PHONE);
  const started = phone.waitForResponse((response) => response.url().endsWith('/api/orders/start'));
  await phone.goto(link);
  await started;
  await expect(tv.getByRole('img', { name: /QR code/ })).toHaveCount(0, WITHIN_A_SECOND);
});

test('an order moves through the lanes of two tablets and the lists of the TV, each step within a second', async ({
  server,
  screens,
}) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const other = await openStaffScreen(server, screens, 'barista', TABLET);
  const phone = await orderByPhone(screens, await scan(tv), 'Flat white');
  const number = phone.locator('.number strong');
  await expect(number).toHaveText('1');
  const row = tv.getByRole('listitem').filter({ hasText: 'Flat white' });
  await expect(row.locator('.number')).toHaveText('1');
  await expect(row.locator('.age')).toHaveText('now');

  for (const [who, button, lane, otherLane, heading, list] of [
    [tablet, 'Make', 'mine', null, 'Your flat white is being made.', 'Preparing'],
    [tablet, 'Put back', 'incoming', 'incoming', 'Your flat white is in the queue.', 'Preparing'],
    [tablet, 'Make', 'mine', null, 'Your flat white is being made.', 'Preparing'],
    [tablet, 'Ready', 'ready', 'ready', 'Your flat white is ready. Come and get it!', 'Ready'],
    [other, 'Undo', 'mine', null, 'Your flat white is being made.', 'Preparing'],
    [tablet, 'Ready', 'ready', 'ready', 'Your flat white is ready. Come and get it!', 'Ready'],
    [other, 'Collected', null, null, 'Enjoy your flat white!', null],
  ] as const) {
    await who.getByRole('button', { name: button, exact: true }).click();
    await expect(phone.getByRole('heading', { name: heading, exact: true })).toBeVisible(WITHIN_A_SECOND);
    await expect.poll(() => columnOf(tablet, 1), { ...WITHIN_A_SECOND, message: `${button}: the tablet` }).toBe(lane);
    await expect.poll(() => columnOf(other, 1), { ...WITHIN_A_SECOND, message: `${button}: the other` }).toBe(otherLane);
    for (const name of ['Preparing', 'Ready'] as const) {
      await expect.poll(() => orderNumbers(tv, name), WITHIN_A_SECOND).toEqual(list === name ? ['1'] : []);
    }
    const pointer = phone.getByText('Collect it at the bar: show 1.');
    await expect(pointer).toHaveCount(list === 'Ready' ? 1 : 0);
  }
});

test('tablets that tap together agree: one has the order, and the other is told', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { tablet } = await screens.openStaffScreens(server);
  const other = await openStaffScreen(server, screens, 'barista', TABLET);
  const robot = await server.apiClient('robot');
  const tablets = [tablet, other];
  // Both presses reach the server together.
  const pressed: Route[] = [];
  for (const page of tablets) {
    await page.route('**/orders/claim', async (route) => {
      pressed.push(route);
      if (pressed.length === tablets.length) await Promise.all(pressed.splice(0).map((held) => held.continue()));
    });
  }
  for (let number = 1; number <= 5; number += 1) {
    await robot.order('filter');
    const press = (page: Page) =>
      page.getByRole('article', { name: new RegExp(`^Number ${number},`) }).getByRole('button', { name: 'Make' }).click();
    for (const page of tablets) await expect.poll(() => columnOf(page, number)).toBe('incoming');
    await Promise.all(tablets.map(press));
    await expect.poll(async () => (await Promise.all(tablets.map((page) => columnOf(page, number)))).sort()).toEqual(['mine', null]);
    const winner = (await columnOf(tablet, number)) === 'mine' ? tablet : other;
    const loser = winner === tablet ? other : tablet;
    await expect(loser.getByRole('alert')).toContainText(`Number ${number}, Filter`);
    await expect(winner.getByRole('alert').filter({ hasText: `Number ${number},` })).toHaveCount(0);
  }
});

test('a tablet that loads shows all open orders, however many', async ({ server, screens }) => {
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[room]': '200' });
  const robot = await server.apiClient('robot');
  for (let order = 0; order < 130; order += 1) await robot.order('espresso');
  const { tablet } = await screens.openStaffScreens(server);
  await expect(tablet.getByRole('article')).toHaveCount(130);
  const numbers = await tablet.locator('article .number').allInnerTexts();
  expect(numbers).toEqual(Array.from({ length: 130 }, (_, n) => String(n + 1)));
});

/** Changes orders while `interrupt` holds, and expects every screen to show the truth within two seconds after it. */
async function changeDuring(server: TestServer, screens: Screens, interrupt: (pages: Page[], on: boolean) => Promise<void>) {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await orderByPhone(screens, await scan(tv), 'Flat white');
  const robot = await server.apiClient('robot');
  const barista = await server.apiClient('barista');
  for (const drink of ['latte', 'espresso', 'mocha']) await robot.order(drink);
  const pages = [tv, tablet, phone];
  await interrupt(pages, true);
  await barista.step('claim', 1);
  await barista.step('complete', 1);
  await barista.step('claim', 2);
  await robot.order('filter');
  await barista.step('claim', 3);
  await barista.step('complete', 3);
  await barista.step('collect', 3);
  await interrupt(pages, false);
  await expect(phone.getByRole('heading', { name: 'Your flat white is ready. Come and get it!' })).toBeVisible(WITHIN_TWO_SECONDS);
  await expect.poll(() => orderNumbers(tv, 'Preparing'), WITHIN_TWO_SECONDS).toEqual(['2', '4', '5']);
  await expect.poll(() => orderNumbers(tv, 'Ready'), WITHIN_TWO_SECONDS).toEqual(['1']);
  await expect.poll(() => columnOf(tablet, 1), WITHIN_TWO_SECONDS).toBe('ready');
  await expect.poll(() => columnOf(tablet, 3), WITHIN_TWO_SECONDS).toBe(null);
  for (const page of pages) {
    await waitUntilLive(page);
    await expectSameAsFresh(page);
  }
}

test('after the network is cut, every screen shows the truth within two seconds', async ({ server, screens }) => {
  screens.expect(/net::ERR_INTERNET_DISCONNECTED/);
  await changeDuring(server, screens, async (pages, on) => {
    for (const page of pages) await page.context().setOffline(on);
  });
});

test('after the device sleeps, every screen shows the truth within two seconds', async ({ server, screens }) => {
  await changeDuring(server, screens, async (pages, on) => {
    for (const page of pages) {
      const session = await page.context().newCDPSession(page);
      await session.send('Page.setWebLifecycleState', { state: on ? 'frozen' : 'active' });
    }
  });
});

test('an order whose time ran out leaves every screen within a second', async ({ server, screens }) => {
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[make_seconds]': '5' });
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await orderByPhone(screens, await scan(tv), 'Flat white');
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  await expect(phone.getByRole('heading', { name: 'The bar did not get to your drink. Sorry!' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Preparing'), WITHIN_A_SECOND).toEqual([]);
  await expect.poll(() => columnOf(tablet, 1), WITHIN_A_SECOND).toBe(null);
});

test('the age of an order runs, and says so after a minute', async ({ server, screens }) => {
  screens.expect(/net::ERR_INTERNET_DISCONNECTED/);
  const { tv, tablet } = await screens.openStaffScreens(server);
  const robot = await server.apiClient('robot');
  await robot.order('latte');
  for (const page of [tv, tablet]) {
    await page.clock.install();
    await page.reload();
    await waitUntilLive(page);
    await expect(page.locator('.age')).toHaveText('now');
    // Without the server, whose clock did not move.
    await page.context().setOffline(true);
    await page.clock.runFor(61_000);
    await expect(page.locator('.age')).toHaveText('1 min');
  }
});

test.describe('the stream says', () => {
  /** Answers the next streams of a page with these frames and nothing else, until `stop` is called. */
  async function answerStreams(page: Page, frames: string) {
    const requests: string[] = [];
    await page.route('**/stream/**', (route) => {
      requests.push(route.request().url());
      return route.fulfill({ contentType: 'text/event-stream', body: frames });
    });
    return { requests, stop: () => page.unroute('**/stream/**') };
  }

  test('reset: the page takes no event until a new snapshot', async ({ server, screens }) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    const { requests, stop } = await answerStreams(tablet, 'event: reset\ndata: "behind"\n\n');
    await tablet.reload();
    await expect.poll(() => requests.length).toBeGreaterThan(1);
    expect(requests[0]).toContain('after=');
    expect(requests[1]).not.toContain('after=');
    await (await server.apiClient('robot')).order('latte');
    await stop();
    await waitUntilLive(tablet);
    await expect.poll(() => columnOf(tablet, 1)).toBe('incoming');
    await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  });

  test('reconnect: the page comes back by itself after the time it is given', async ({ server, screens }) => {
    const { tablet } = await screens.openStaffScreens(server);
    const { requests, stop } = await answerStreams(tablet, 'event: reconnect\ndata: 300\n\n');
    await tablet.reload();
    await expect.poll(() => requests.length).toBeGreaterThan(2);
    expect(requests[1]).toContain('after=');
    await stop();
    await waitUntilLive(tablet);
  });

  test('nothing: the page says so after seven seconds, and comes back', async ({ server, screens }) => {
    const { tablet } = await screens.openStaffScreens(server);
    await tablet.route('**/stream/**', () => {});
    await tablet.reload();
    await expect(tablet.getByText(/not live since \d\d:\d\d/)).toBeVisible({ timeout: 10_000 });
    await tablet.unroute('**/stream/**');
    await waitUntilLive(tablet);
  });

  test('another build: the page loads itself again unless somebody types', async ({ server, screens }) => {
    const { tablet } = await screens.openStaffScreens(server);
    const heartbeat = { position: 1, now: new Date().toISOString(), build: 'another' };
    const { stop } = await answerStreams(tablet, `event: heartbeat\ndata: ${JSON.stringify(heartbeat)}\n\n`);
    await tablet.reload();
    await tablet.getByText('Take a break').click();
    await tablet.getByLabel(/What people read/).fill('A short break for the milk');
    await expect.poll(() => tablet.evaluate(() => performance.now()), { timeout: 15_000 }).toBeGreaterThan(8_000);
    await expect(tablet.getByLabel(/What people read/)).toHaveValue('A short break for the milk');
    const loaded = tablet.waitForEvent('load');
    await tablet.getByLabel(/What people read/).blur();
    await loaded;
    await stop();
    await waitUntilLive(tablet);
  });
});
