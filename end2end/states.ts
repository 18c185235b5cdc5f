// Every state of every page, reached by user actions. The pictures and the accessibility tests share these walks.
import type { Page } from '@playwright/test';
import { type ApiClient, type Screens, type TestServer } from './fixtures';
import { PHONE, TABLET, expect, redeemLink, scan, waitUntilLive } from './fixtures';

export type Kind = 'phone' | 'tablet' | 'tv';

/** Called at each state, for example to take a picture or to run axe. */
export type VisitState = (state: string, page: Page, kind: Kind) => Promise<void>;

type Walk = (server: TestServer, screens: Screens, visit: VisitState) => Promise<void>;

export const walks: Record<string, Walk> = {
  'a guest from the scan to the cup': async (server, screens, visit) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    const robot = await server.apiClient('robot');
    for (const drink of ['filter', 'latte']) await robot.order(drink);
    const link = await scan(tv);
    const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
    await plain.goto(link);
    await visit('scan', plain, 'phone');

    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${server.url}/s/demo`);
    await waitUntilLive(phone);
    await visit('no-order', phone, 'phone');
    await phone.goto(link);
    await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
    await waitUntilLive(phone);
    await visit('choosing', phone, 'phone');
    await phone.getByText('Cappuccino', { exact: true }).click();
    await phone.getByRole('radio', { name: /^Oat/ }).check();
    await phone.getByLabel(/Name for the cup/).filter({ visible: true }).fill('Ada');
    await visit('choosing-open', phone, 'phone');
    await phone.getByRole('button', { name: 'Leave without ordering' }).click();
    await visit('choosing-giving-up', phone, 'phone');
    await phone.getByRole('button', { name: 'Keep choosing' }).click();
    await phone.getByRole('button', { name: 'Order cappuccino' }).click();
    await expect(phone.getByText('2 drinks ahead of you.')).toBeVisible();
    await visit('waiting', phone, 'phone');
    await phone.getByText('Cancel my order').click();
    await visit('waiting-cancelling', phone, 'phone');
    await phone.getByRole('button', { name: 'Cancel it' }).click();
    await expect(phone.getByRole('button', { name: 'Undo: I still want it' })).toBeVisible();
    await visit('cancelled', phone, 'phone');
    await phone.getByRole('button', { name: 'Undo: I still want it' }).click();
    await expect(phone.getByText('2 drinks ahead of you.')).toBeVisible();

    const card = tablet.getByRole('article', { name: /^Number 3,/ });
    await card.getByRole('button', { name: 'Make' }).click();
    await expect(phone.getByRole('heading', { name: /is being made/ })).toBeVisible();
    await visit('making', phone, 'phone');
    await card.getByRole('button', { name: 'Ready' }).click();
    await expect(phone.getByRole('heading', { name: /is ready/ })).toBeVisible();
    await visit('ready', phone, 'phone');
    await card.getByRole('button', { name: 'Collected' }).click();
    await expect(phone.getByRole('heading', { name: /^Enjoy/ })).toBeVisible();
    await visit('collected', phone, 'phone');
    await phone.getByRole('link', { name: 'Journey' }).click();
    await expect(phone.getByRole('heading', { name: 'Journey of order 3' })).toBeVisible();
    await phone.getByText('The event', { exact: true }).first().click();
    await visit('journey', phone, 'phone');
    await phone.getByRole('link', { name: 'Open it as others see it' }).click();
    await expect(phone.getByRole('heading', { name: 'Pass it on' })).toHaveCount(0);
    await visit('journey-shared', phone, 'phone');

    const next = await screens.open('next phone', PHONE);
    await next.goto(link);
    await waitUntilLive(next);
    await expect(next.getByText('Wait now under a minute')).toBeVisible();
    await visit('choosing-waits', next, 'phone');
    await expect(tv.getByText('Wait now')).toBeVisible();
    await visit('display-waits', tv, 'tv');
    await phone.goto(`${server.url}/s/demo/x/wait-times`);
    await visit('wait-times', phone, 'phone');
    await tablet.goto(`${server.url}/s/demo/x/order-counters`);
    await visit('order-counters', tablet, 'tablet');
  },

  'a guest whose orders are cancelled or refused': async (server, screens, visit) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    const link = await scan(tv);
    const first = await screens.open('first phone', PHONE);
    await first.goto(link);
    await waitUntilLive(first);
    await first.getByText('Espresso', { exact: true }).click();
    await first.getByRole('button', { name: 'Order espresso' }).click();
    await tablet.getByRole('article').getByText('Cancel', { exact: true }).click();
    await tablet.getByLabel('Why').selectOption('another reason');
    await tablet.getByRole('button', { name: 'Cancel this order' }).click();
    await expect(tablet.getByText('cancelled', { exact: true })).toBeVisible();
    await visit('barista-cancelled', tablet, 'tablet');
    await expect(first.getByRole('heading', { name: /had to cancel/ })).toBeVisible();
    await visit('cancelled-by-the-bar', first, 'phone');
    await first.getByRole('link', { name: 'Journey' }).click();
    await visit('journey-cancelled-by-the-bar', first, 'phone');
    await first.getByRole('link', { name: 'Back to my order' }).click();
    await first.getByRole('link', { name: 'My orders' }).click();
    await visit('history', first, 'phone');

    const second = await screens.open('second phone', PHONE);
    await second.goto(link);
    await waitUntilLive(second);
    await second.getByText('Espresso', { exact: true }).click();
    screens.expect(/status of 409/);
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(second.locator('.lead')).toContainText('has closed meanwhile');
    await second.getByRole('button', { name: 'Order espresso' }).click();
    await expect(second.getByRole('alert')).toBeVisible();
    await visit('choosing-closed', second, 'phone');

    const late = await screens.open('late phone', PHONE);
    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    const manager = await server.apiClient('manager');
    await manager.post('store/limits', { 'change[choose_seconds]': '5' });
    await late.goto(link);
    await expect(late.getByRole('heading', { name: 'Your time to choose is over.' })).toBeVisible();
    await visit('timed-out', late, 'phone');
    await late.getByRole('link', { name: 'Journey' }).click();
    await visit('journey-timed-out', late, 'phone');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();

    const third = await screens.open('third phone', PHONE);
    await third.goto(`${server.url}/s/demo`);
    await expect(third.getByRole('heading', { name: 'We are closed' })).toBeVisible();
    await waitUntilLive(third);
    await visit('closed', third, 'phone');
    await third.getByRole('link', { name: 'My orders' }).click();
    await visit('history-empty', third, 'phone');
    const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
    await plain.goto(link);
    await visit('refused-closed', plain, 'phone');

    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    await expect(second.locator('.lead')).toBeEmpty();
    await server.kill();
    await second.getByRole('button', { name: 'Order espresso' }).click();
    await expect(second.getByText(/not live since/)).toBeVisible();
    await expect(second.getByRole('alert')).toContainText('could not reach');
    await visit('choosing-away', second, 'phone');
  },

  'walk-in orders and sold-out items': async (server, screens, visit) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    const manager = await server.apiClient('manager');
    await addPricedDrink(manager);
    const link = await scan(tv);
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${server.url}/q`);
    await visit('typing', phone, 'phone');
    await phone.goto(link);
    await waitUntilLive(phone);
    await phone.getByText('Affogato', { exact: true }).click();
    await phone.getByRole('checkbox', { name: /^Cream/ }).check();
    await phone.getByRole('radio', { name: /^Oat/ }).check();
    await visit('choosing-extras', phone, 'phone');
    await manager.post('menu/availability', { thing: 'option/milk/oat', available: 'false' });
    await expect(phone.getByText('Oat has just sold out. Choose again.')).toBeVisible();
    await visit('choosing-gone', phone, 'phone');
    await phone.getByRole('radio', { name: /^Soya/ }).check();
    await phone.getByRole('button', { name: 'Order affogato' }).click();
    await phone.getByRole('link', { name: 'Change my drink' }).click();
    await phone.getByText('Espresso', { exact: true }).click();
    await visit('change', phone, 'phone');

    const looking = await screens.open('looking', PHONE);
    await manager.post('menu/availability', { thing: 'drink/mocha', available: 'false' });
    await looking.goto(`${server.url}/s/demo`);
    await waitUntilLive(looking);
    await visit('no-order-sold-out', looking, 'phone');

    await tablet.getByRole('link', { name: 'At the counter' }).click();
    await tablet.getByText('Caffè latte', { exact: true }).first().click();
    await visit('counter', tablet, 'tablet');
    await tablet.getByRole('button', { name: 'Order caffè latte' }).click();
    await expect(tablet.getByRole('list', { name: 'Just ordered here' })).toContainText('2 Caffè latte');
    await visit('counter-ordered', tablet, 'tablet');
    await tablet.getByRole('link', { name: 'Back to the bar' }).click();
    await waitUntilLive(tablet);
    const card = tablet.getByRole('article', { name: /^Number 2,/ });
    await card.getByRole('button', { name: 'Make' }).click();
    await card.getByRole('button', { name: 'Ready' }).click();
    await card.getByRole('button', { name: 'Set aside' }).click();
    await expect(card.getByText('set aside', { exact: true })).toBeVisible();
    await visit('barista-set-aside', tablet, 'tablet');
  },

  'refusal pages': async (server, screens, visit) => {
    screens.expect(/status of (401|403|404|410)/);
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${server.url}/q/nonsense`);
    await visit('code-unknown', phone, 'phone');
    await phone.goto(`${server.url}/s/nowhere`);
    await visit('shop-unknown', phone, 'phone');
    await phone.goto(`${server.url}/s/demo/barista`);
    await visit('not-let-in', phone, 'phone');
    const link = server.link('barista');
    await phone.goto(link);
    await visit('enter', phone, 'phone');
    await phone.getByRole('button', { name: 'Use this device' }).click();
    await waitUntilLive(phone);
    await visit('barista-on-a-phone', phone, 'phone');
    const late = await screens.open('late', PHONE);
    await late.goto(link);
    await visit('enter-used', late, 'phone');
  },

  'a manager in the office': async (server, screens, visit) => {
    screens.expect(/status of 422/);
    const office = await screens.open('office', { ...PHONE, javaScriptEnabled: false });
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${server.url}/s/demo`);
    await waitUntilLive(phone);
    await redeemLink(office, server.link('office'));
    await expect(office.getByRole('heading', { name: 'Office' })).toBeVisible();
    await visit('office', office, 'phone');
    const opening = office.getByRole('group', { name: 'Opening 1' });
    await opening.getByLabel('Day').selectOption('Friday');
    await opening.getByLabel('From').fill('18:00');
    await opening.getByLabel('To').fill('02:00');
    await office.getByRole('button', { name: 'Save the hours' }).click();
    await expect(office.getByRole('group', { name: 'Opening 4' })).toBeVisible();
    await expect(office.getByRole('group', { name: 'Opening 1' }).getByLabel('To')).toHaveValue('02:00');
    await office.getByText('Stop all orders').click();
    await visit('office-stopping', office, 'phone');

    await office.getByRole('link', { name: 'Menu' }).click();
    await visit('office-menu', office, 'phone');
    await office.getByRole('link', { name: 'Flat white' }).click();
    await visit('office-drink', office, 'phone');
    await office.getByLabel(/^Name/).fill('Flat black');
    await office.getByRole('button', { name: 'Save the drink' }).click();
    await expect(phone.getByText('Flat black')).toBeVisible();
    await office.getByRole('link', { name: 'Back to the menu' }).click();
    await office.getByRole('link', { name: 'Milk' }).click();
    await visit('office-group', office, 'phone');
    await office.getByText('Remove this group').click();
    await office.getByRole('button', { name: 'Remove it' }).click();
    await expect(office.getByText(/a drink still has that group/)).toBeVisible();
    await office.getByRole('link', { name: 'Back' }).click();
    await expect(office.getByRole('heading', { name: 'Milk' })).toBeVisible();
    await office.getByRole('link', { name: 'Extensions' }).click();
    await office.getByRole('button', { name: 'Switch off: Wait times' }).click();
    await expect(office.getByRole('button', { name: 'Switch on: Wait times' })).toBeVisible();
    await visit('office-extensions', office, 'phone');

    const laptop = await screens.open('laptop', TABLET);
    const { out } = await server.run('link', '--data', server.data, '--role', 'manager');
    await redeemLink(laptop, out.trim());
    await laptop.goto(`${server.url}/s/demo/office/drink`);
    await visit('office-new-drink', laptop, 'tablet');
    await laptop.getByRole('link', { name: 'The bar' }).click();
    await waitUntilLive(laptop);
    await laptop.getByRole('link', { name: 'Office' }).click();
    await visit('office-wide', laptop, 'tablet');
  },

  'the tablet through a day': async (server, screens, visit) => {
    const { tablet } = await screens.openStaffScreens(server);
    await visit('barista-empty', tablet, 'tablet');
    await createOrders(server, tablet);
    await visit('barista-busy', tablet, 'tablet');
    const tab = tablet.context().waitForEvent('page');
    await tablet.getByRole('article').first().getByRole('link', { name: /^Journey/ }).click();
    const journey = await tab;
    await expect(journey.getByRole('heading', { name: /^Journey of order/ })).toBeVisible();
    await visit('journey-at-the-bar', journey, 'tablet');
    await journey.close();
    const first = tablet.getByRole('article').first();
    await first.getByText('Cancel', { exact: true }).click();
    await visit('barista-cancelling', tablet, 'tablet');
    await first.getByText('Cancel', { exact: true }).click();
    await tablet.getByText('Take a break', { exact: true }).click();
    await tablet.getByLabel(/What people read/).fill('Milk is on its way');
    await visit('barista-break', tablet, 'tablet');
    await tablet.getByRole('button', { name: 'Take the break' }).click();
    await expect(tablet.getByRole('button', { name: 'Go on' })).toBeVisible();
    await visit('barista-on-a-break', tablet, 'tablet');
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${server.url}/s/demo`);
    await expect(phone.getByText('Milk is on its way.')).toBeVisible();
    await waitUntilLive(phone);
    await visit('break', phone, 'phone');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(tablet.getByRole('button', { name: 'Open the shop' })).toBeVisible();
    await visit('barista-closed', tablet, 'tablet');
    await server.kill();
    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    await expect(tablet.getByRole('alert')).toBeVisible();
    await expect(tablet.getByText(/not live since/)).toBeVisible();
    await visit('barista-away', tablet, 'tablet');
  },

  'the TV through a day': async (server, screens, visit) => {
    const { tv, tablet } = await screens.openStaffScreens(server);
    await visit('display-empty', tv, 'tv');
    const robot = await createOrders(server, tablet);
    // An order that has just become ready stands large over the lists, too.
    const listed = tv.locator('li.order:not([data-list="calls"] *)');
    await expect(listed).toHaveCount(10);
    await visit('display-busy', tv, 'tv');
    for (let n = 0; n < 25; n += 1) await robot.order(MENU[n % MENU.length] ?? 'latte');
    await expect(listed).toHaveCount(35);
    await visit('display-full', tv, 'tv');
    const address = ['--server', server.url, '--data', server.data];
    await server.run('robot', ...address, '--orders', '10', '--rate', '0', '--as-guests');
    await expect(tv.getByRole('heading', { name: 'All taken' })).toBeVisible();
    await visit('display-all-taken', tv, 'tv');
    await tablet.getByText('Take a break', { exact: true }).click();
    await tablet.getByRole('button', { name: 'Take the break' }).click();
    await expect(tv.getByRole('heading', { name: 'A short break' })).toBeVisible();
    await visit('display-break', tv, 'tv');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(tv.getByRole('heading', { name: 'We are closed' })).toBeVisible();
    await visit('display-closed', tv, 'tv');
    await server.kill();
    await expect(tv.getByText(/not live since/)).toBeVisible();
    await visit('display-away', tv, 'tv');
  },
};

/** The drinks of the demo menu. */
const MENU = ['espresso', 'americano', 'filter', 'flat-white', 'cappuccino', 'latte', 'mocha', 'chocolate', 'chai'];

/** Adds a drink with a price and a group of which two options may be taken. */
export async function addPricedDrink(manager: ApiClient): Promise<void> {
  await manager.post('menu/currency', { currency: 'EUR' });
  const options: Record<string, string> = {};
  for (const [n, name] of ['Cream', 'Cocoa', 'Cinnamon'].entries()) {
    options[`group[options][${n}][id]`] = name.toLowerCase();
    options[`group[options][${n}][name]`] = name;
    options[`group[options][${n}][surcharge]`] = n === 0 ? '50' : '0';
  }
  await manager.post('menu/group', { 'group[id]': 'extras', 'group[name]': 'Extras', 'group[least]': '0', 'group[most]': '2', ...options });
  await manager.post('menu/drink', {
    'drink[id]': 'affogato',
    'drink[name]': 'Affogato',
    'drink[icon]': 'espresso',
    'drink[price]': '450',
    'drink[groups][0]': 'milk',
    'drink[groups][1]': 'extras',
  });
}

/** Creates five orders: two are claimed at this tablet and three are ready. */
export async function createOrders(server: TestServer, tablet: Page): Promise<ApiClient> {
  const robot = await server.apiClient('robot');
  await robot.order('espresso', { name: 'Grace' });
  await robot.order('latte', { 'options[milk]': 'almond', 'options[syrup]': 'hazelnut', name: 'Konrad' });
  await robot.order('filter');
  await robot.order('cappuccino', { 'options[milk]': 'oat' });
  await robot.order('chai', { 'options[size]': 'large', name: 'Katherine' });
  for (const drink of ['flat-white', 'chocolate', 'americano', 'mocha', 'latte']) await robot.order(drink);
  for (const number of [1, 2, 3, 4, 5]) {
    const card = tablet.getByRole('article', { name: new RegExp(`^Number ${number},`) });
    await card.getByRole('button', { name: 'Make' }).click();
    await expect(card.getByRole('button', { name: 'Ready' })).toBeVisible();
    if (number > 3) continue;
    await card.getByRole('button', { name: 'Ready' }).click();
    await expect(card.getByRole('button', { name: 'Collected' })).toBeVisible();
  }
  return robot;
}
