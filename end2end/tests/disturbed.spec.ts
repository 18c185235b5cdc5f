// Browsers, extensions, proxies, clocks and networks disturb a page: it still shows the truth, or says that it does not.
import type { BrowserContext, Page } from '@playwright/test';
import { PHONE, TABLET, TV, type Screens, type TestServer } from '../fixtures';
import { expect, orderByPhone, orderNumbers, redeemLink, scan, test, waitUntilLive } from '../fixtures';

/** Replaces each text node as the translators of browsers do. */
function translate(): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode()) found.push(texts.currentNode as Text);
  for (const text of found) {
    if (text.parentElement?.closest('script, style, [translate="no"]')) continue;
    const outer = document.createElement('font');
    const inner = document.createElement('font');
    outer.append(inner);
    text.replaceWith(outer);
    inner.append(text.data);
  }
}

const translateAll = (page: Page) => page.evaluate(translate);

/** Signs a device in, in a context of its own that `prepare` has set up. */
async function staffScreen(screens: Screens, link: string, options: object, prepare: (context: BrowserContext) => Promise<void>) {
  const page = await screens.open('staff', options);
  await prepare(page.context());
  await redeemLink(page, link);
  await waitUntilLive(page);
  return page;
}

async function openAll(server: TestServer, screens: Screens, prepare: (context: BrowserContext) => Promise<void>) {
  const tv = await staffScreen(screens, server.link('display'), TV, prepare);
  const tablet = await staffScreen(screens, server.link('barista'), TABLET, prepare);
  const phone = await screens.open('phone', PHONE);
  await prepare(phone.context());
  return { tv, tablet, phone };
}

/** Takes one order from the scan to the cup; `disturb` runs before each step. Every screen must follow. */
async function serveOneGuest(
  { tv, tablet, phone }: { tv: Page; tablet: Page; phone: Page },
  disturb: () => Promise<void>,
): Promise<void> {
  await phone.goto(await scan(tv));
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
  await waitUntilLive(phone);
  await disturb();
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is in the queue.' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  const card = tablet.getByRole('article', { name: /^Number 1,/ });
  for (const [button, heading] of [
    ['Make', 'Your flat white is being made.'],
    ['Ready', 'Your flat white is ready. Come and get it!'],
    ['Collected', 'Enjoy your flat white!'],
  ]) {
    await disturb();
    await card.getByRole('button', { name: button, exact: true }).click();
    await expect(phone.getByRole('heading', { name: heading, exact: true })).toBeVisible();
  }
  await expect(card).toHaveCount(0);
  await expect(tablet.getByText('Nothing to make')).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Ready')).toEqual([]);
}

test('every screen follows an order whose pages are translated before each step', async ({ server, screens }) => {
  const pages = await openAll(server, screens, async () => {});
  await serveOneGuest(pages, async () => {
    for (const page of Object.values(pages)) await translateAll(page);
  });
});

for (const [what, script] of [
  ['a foreign element is first in the body', () => document.body.prepend(document.createElement('div'))],
  ['foreign elements surround every child of the body', () => {
    for (const child of [...document.body.children]) child.before(document.createElement('div'), 'text', document.createComment(''));
  }],
  ['a foreign element stands in the page', () => document.querySelector('main')?.prepend(document.createElement('section'))],
  ['the page is translated', translate],
] as const) {
  test(`every screen works when, before it is live, ${what}`, async ({ server, screens }) => {
    const pages = await openAll(server, screens, async (context) => {
      await context.addInitScript(`(() => {
        const disturb = ${script.toString()};
        addEventListener('DOMContentLoaded', disturb);
      })();`);
    });
    await serveOneGuest(pages, async () => {});
  });
}

test('a choice made before the page is live survives a foreign element in it', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await phone.route('**/*.wasm', async (route) => {
    await released;
    await route.continue();
  });
  await phone.reload({ waitUntil: 'commit' });
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await phone.getByLabel(/Name for the cup/).filter({ visible: true }).fill('Ada');
  await phone.evaluate(() => document.querySelector('main')?.prepend(document.createElement('section')));
  release();
  await waitUntilLive(phone);
  await expect(phone.getByRole('radio', { name: /^Oat/ })).toBeChecked();
  await expect(phone.getByLabel(/Name for the cup/).filter({ visible: true })).toHaveValue('Ada');
});

test('a page that cannot be hydrated says that it is not live and loads itself again', async ({ server, screens }) => {
  screens.expect(/RuntimeError|unreachable|panicked|hydration/);
  const { tv, tablet } = await screens.openStaffScreens(server);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: /in the queue/ })).toBeVisible();
  // A proxy took the comments out, by which hydration finds its way.
  await phone.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      if (document.readyState !== 'interactive') return;
      const comments = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
      const found: Node[] = [];
      while (comments.nextNode()) found.push(comments.currentNode);
      for (const comment of found) comment.parentNode?.removeChild(comment);
    });
  });
  await phone.clock.install();
  await phone.reload();
  await expect(phone.locator('.connection')).toHaveText(/not live: this page loads itself again/);
  await tablet.getByRole('button', { name: 'Make' }).click();
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
  await phone.clock.fastForward(11_000);
  await expect(phone.getByRole('heading', { name: 'Your flat white is being made.' })).toBeVisible();
});

test('screens of the staff ask translators to leave them alone', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  for (const page of [tv, tablet]) await expect(page.locator('html')).toHaveAttribute('translate', 'no');
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await expect(phone.locator('html')).not.toHaveAttribute('translate', 'no');
});

for (const hours of [6, -6]) {
  test(`screens stay live and their ages right when the device's clock moves by ${hours} hours`, async ({ server, screens }) => {
    const pages = await openAll(server, screens, async (context) => {
      await context.addInitScript(() => {
        const real = Date.now.bind(Date);
        const moved = { by: 0 };
        Object.assign(globalThis, { moved });
        globalThis.Date = new Proxy(Date, {
          construct: (target, args) => Reflect.construct(target, args.length === 0 ? [real() + moved.by] : args),
          get: (target, name) => (name === 'now' ? () => real() + moved.by : Reflect.get(target, name)),
        });
      });
    });
    const { tv, tablet, phone } = pages;
    await serveOneGuest(pages, async () => {
      for (const page of Object.values(pages)) {
        await page.evaluate((by) => {
          (globalThis as unknown as { moved: { by: number } }).moved.by += by;
        }, hours * 3_600_000);
      }
    });
    const robot = await server.apiClient('robot');
    await robot.order('latte');
    for (const page of [tv, tablet]) {
      await expect(page.locator('.age').first()).toHaveText('now');
      await waitUntilLive(page);
    }
    await expect(tv.getByText(/new code in [0-4]:\d\d/)).toBeVisible();
    await waitUntilLive(phone);
    // The clock on the wall is the server's.
    const minutes = (text: string) => Number(text.split(':')[0]) * 60 + Number(text.split(':')[1]);
    const shown = minutes((await tv.locator('.wall-clock').textContent()) ?? '');
    const now = new Date();
    const apart = Math.abs(shown - (now.getHours() * 60 + now.getMinutes())) % 1_439;
    expect(apart).toBeLessThan(2);
  });
}

test('a post without an answer is given up with words, and may be repeated', async ({ server, screens }) => {
  screens.expect(/net::ERR_ABORTED|status of/);
  const { tv, tablet } = await screens.openStaffScreens(server);
  const robot = await server.apiClient('robot');
  await robot.order('latte');
  let hang = true;
  await tablet.route('**/api/**', async (route) => {
    if (!hang) await route.continue();
  });
  await tablet.getByRole('button', { name: 'Make' }).click();
  await expect(tablet.getByRole('alert')).toContainText('We could not reach the bar', { timeout: 15_000 });
  hang = false;
  await tablet.getByRole('button', { name: 'Make' }).click();
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
  await expect(tablet.getByRole('alert')).toHaveCount(0);
  await expect(tv.getByRole('list').getByText('Caffè latte')).toBeVisible();
});

test('hidden tabs of the staff leave their connections to the visible one', async ({ server, screens }) => {
  const { tablet } = await screens.openStaffScreens(server);
  const context = tablet.context();
  await context.addInitScript(() => {
    const state = { hidden: false };
    Object.assign(globalThis, {
      hide: (hidden: boolean) => {
        state.hidden = hidden;
        document.dispatchEvent(new Event('visibilitychange'));
      },
    });
    Object.defineProperty(document, 'visibilityState', { get: () => (state.hidden ? 'hidden' : 'visible') });
  });
  const hide = (page: Page, hidden: boolean) =>
    page.evaluate((hidden) => (globalThis as unknown as { hide: (hidden: boolean) => void }).hide(hidden), hidden);
  await tablet.reload();
  await waitUntilLive(tablet);
  const tabs = [tablet];
  for (let n = 0; n < 7; n += 1) {
    await hide(tabs[tabs.length - 1], true);
    const tab = await context.newPage();
    await tab.goto(tablet.url());
    await waitUntilLive(tab);
    tabs.push(tab);
  }
  const robot = await server.apiClient('robot');
  await robot.order('latte');
  await tabs[7].getByRole('button', { name: 'Make' }).click();
  await expect(tabs[7].getByRole('button', { name: 'Ready' })).toBeVisible();
  await hide(tabs[7], true);
  await hide(tablet, false);
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
});

test('whoever loses the race for a card is told so', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { tablet } = await screens.openStaffScreens(server);
  const other = await server.apiClient('barista');
  const robot = await server.apiClient('robot');
  await robot.order('latte');
  // The press reaches the server after that of the other barista.
  await tablet.route('**/api/orders/claim', async (route) => {
    await other.step('claim', 1);
    await route.continue();
  });
  await tablet.getByRole('button', { name: 'Make' }).click();
  await expect(tablet.getByText('Nothing to make')).toBeVisible();
  await expect(tablet.getByRole('alert')).toContainText(/^Number 1, Caffè latte, .*: The drink is being made already/);
  await tablet.getByText('Take a break').click();
  await tablet.getByRole('button', { name: 'Take the break' }).click();
  await expect(tablet.getByRole('alert')).toHaveCount(0);
});

test('a tablet that once scanned undoes and cancels its own drink as the bar', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  await tablet.goto(await scan(tv));
  await waitUntilLive(tablet);
  await tablet.getByText('Flat white', { exact: true }).click();
  await tablet.getByRole('button', { name: 'Order flat white' }).click();
  await expect(tablet.getByRole('heading', { name: /in the queue/ })).toBeVisible();
  await tablet.goto(`${server.url}/s/demo/barista`);
  await waitUntilLive(tablet);
  for (const button of ['Make', 'Ready', 'Undo']) await tablet.getByRole('button', { name: button, exact: true }).click();
  await expect(tablet.getByRole('button', { name: 'Ready' })).toBeVisible();
  await tablet.getByText('Cancel', { exact: true }).click();
  await tablet.getByLabel('Why').selectOption({ index: 1 });
  await tablet.getByRole('button', { name: 'Cancel this order' }).click();
  await expect(tablet.getByText('Cancelled')).toBeVisible();
});

test('a guest whose cancellation comes too late is told so', async ({ server, screens }) => {
  screens.expect(/status of 409/);
  const { tv } = await screens.openStaffScreens(server);
  const barista = await server.apiClient('barista');
  const phone = await orderByPhone(screens, await scan(tv), 'Flat white');
  await phone.getByText('Cancel my order').click();
  await phone.route('**/api/orders/cancel', async (route) => {
    await barista.step('claim', 1);
    await route.continue();
  });
  await phone.getByRole('button', { name: 'Cancel it' }).click();
  await expect(phone.getByRole('heading', { name: 'Your flat white is being made.' })).toBeVisible();
  await expect(phone.getByRole('alert')).toContainText('The drink is being made already');
});
