// Every state of every page, reached by user actions. The pictures and the accessibility tests share these walks.
import type { Page } from '@playwright/test';
import { type Bar, PHONE, TABLET, type Screens, type Script, enter, expect, live, scan } from './bar';

export type Kind = 'phone' | 'tablet' | 'tv';

/** Called at each state, for example to take a picture or to run axe. */
export type See = (state: string, page: Page, kind: Kind) => Promise<void>;

type Walk = (bar: Bar, screens: Screens, see: See) => Promise<void>;

export const walks: Record<string, Walk> = {
  'a guest from the scan to the cup': async (bar, screens, see) => {
    const { tv, tablet } = await screens.crew(bar);
    const robot = await bar.script('robot');
    for (const drink of ['filter', 'latte']) await robot.order(drink);
    const link = await scan(tv);
    const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
    await plain.goto(link);
    await see('scan', plain, 'phone');

    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${bar.url}/s/demo`);
    await live(phone);
    await see('no-order', phone, 'phone');
    await phone.goto(link);
    await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
    await live(phone);
    await see('choosing', phone, 'phone');
    await phone.getByText('Cappuccino', { exact: true }).click();
    await phone.getByRole('radio', { name: /^Oat/ }).check();
    await phone.getByLabel(/What shall we call out/).filter({ visible: true }).fill('Ada');
    await see('choosing-open', phone, 'phone');
    await phone.getByText('No coffee after all').click();
    await see('choosing-giving-up', phone, 'phone');
    await phone.getByText('No coffee after all').click();
    await phone.getByRole('button', { name: 'Order cappuccino' }).click();
    await expect(phone.getByText('2 drinks ahead of you.')).toBeVisible();
    await see('waiting', phone, 'phone');
    await phone.getByText('Cancel my order').click();
    await see('waiting-cancelling', phone, 'phone');
    await phone.getByRole('button', { name: 'Yes, cancel it' }).click();
    await expect(phone.getByRole('button', { name: 'No, I want it after all' })).toBeVisible();
    await see('cancelled', phone, 'phone');
    await phone.getByRole('button', { name: 'No, I want it after all' }).click();
    await expect(phone.getByText('2 drinks ahead of you.')).toBeVisible();

    const card = tablet.getByRole('article', { name: /^Number 3,/ });
    await card.getByRole('button', { name: 'Make' }).click();
    await expect(phone.getByRole('heading', { name: /is being made/ })).toBeVisible();
    await see('making', phone, 'phone');
    await card.getByRole('button', { name: 'Ready' }).click();
    await expect(phone.getByRole('heading', { name: /is ready/ })).toBeVisible();
    await see('ready', phone, 'phone');
    await card.getByRole('button', { name: 'Collected' }).click();
    await expect(phone.getByRole('heading', { name: /^Enjoy/ })).toBeVisible();
    await see('collected', phone, 'phone');
    await phone.getByRole('link', { name: 'Journey' }).click();
    await expect(phone.getByRole('heading', { name: 'Journey of order 3' })).toBeVisible();
    await phone.getByText('The event', { exact: true }).first().click();
    await see('journey', phone, 'phone');
    await phone.getByRole('link', { name: 'Open it as others see it' }).click();
    await expect(phone.getByRole('heading', { name: 'Pass it on' })).toHaveCount(0);
    await see('journey-shared', phone, 'phone');

    const next = await screens.open('next phone', PHONE);
    await next.goto(link);
    await live(next);
    await expect(next.getByText('Wait now under a minute')).toBeVisible();
    await see('choosing-waits', next, 'phone');
    await expect(tv.getByText('Wait now')).toBeVisible();
    await see('display-waits', tv, 'tv');
    await phone.goto(`${bar.url}/s/demo/x/wait-times`);
    await see('wait-times', phone, 'phone');
    await tablet.goto(`${bar.url}/s/demo/x/order-counters`);
    await see('order-counters', tablet, 'tablet');
  },

  'a guest whom the bar has to disappoint': async (bar, screens, see) => {
    const { tv, tablet } = await screens.crew(bar);
    const link = await scan(tv);
    const first = await screens.open('first phone', PHONE);
    await first.goto(link);
    await live(first);
    await first.getByText('Espresso', { exact: true }).click();
    await first.getByRole('button', { name: 'Order espresso' }).click();
    await tablet.getByRole('article').getByText('Cancel', { exact: true }).click();
    await tablet.getByRole('button', { name: 'Cancel this order' }).click();
    await expect(tablet.getByText('cancelled', { exact: true })).toBeVisible();
    await see('barista-cancelled', tablet, 'tablet');
    await expect(first.getByRole('heading', { name: /had to cancel/ })).toBeVisible();
    await see('cancelled-by-the-bar', first, 'phone');
    await first.getByRole('link', { name: 'Journey' }).click();
    await see('journey-cancelled-by-the-bar', first, 'phone');
    await first.getByRole('link', { name: 'Back to my order' }).click();
    await first.getByRole('link', { name: 'My orders' }).click();
    await see('history', first, 'phone');

    const second = await screens.open('second phone', PHONE);
    await second.goto(link);
    await live(second);
    await second.getByText('Espresso', { exact: true }).click();
    screens.expect(/status of 409/);
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(second.locator('.lead')).toContainText('has closed meanwhile');
    await second.getByRole('button', { name: 'Order espresso' }).click();
    await expect(second.getByRole('alert')).toBeVisible();
    await see('choosing-closed', second, 'phone');

    const late = await screens.open('late phone', PHONE);
    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    const manager = await bar.script('manager');
    await manager.post('store/limits', { 'change[choose_seconds]': '5' });
    await late.goto(link);
    await expect(late.getByRole('heading', { name: 'Your time to choose is over.' })).toBeVisible();
    await see('timed-out', late, 'phone');
    await late.getByRole('link', { name: 'Journey' }).click();
    await see('journey-timed-out', late, 'phone');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();

    const third = await screens.open('third phone', PHONE);
    await third.goto(`${bar.url}/s/demo`);
    await expect(third.getByRole('heading', { name: 'We are closed' })).toBeVisible();
    await live(third);
    await see('closed', third, 'phone');
    await third.getByRole('link', { name: 'My orders' }).click();
    await see('history-empty', third, 'phone');
    const plain = await screens.open('phone without script', { ...PHONE, javaScriptEnabled: false });
    await plain.goto(link);
    await plain.getByRole('button', { name: 'Choose my coffee' }).click();
    await see('refused-closed', plain, 'phone');

    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    await expect(second.locator('.lead')).toBeEmpty();
    await bar.kill();
    await second.getByRole('button', { name: 'Order espresso' }).click();
    await expect(second.getByText(/not live since/)).toBeVisible();
    await expect(second.getByRole('alert')).toContainText('could not reach');
    await see('choosing-away', second, 'phone');
  },

  'across the counter, and what runs out': async (bar, screens, see) => {
    const { tv, tablet } = await screens.crew(bar);
    const manager = await bar.script('manager');
    await stock(manager);
    const link = await scan(tv);
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${bar.url}/q`);
    await see('typing', phone, 'phone');
    await phone.goto(link);
    await live(phone);
    await phone.getByText('Affogato', { exact: true }).click();
    await phone.getByRole('checkbox', { name: /^Cream/ }).check();
    await phone.getByRole('radio', { name: /^Oat/ }).check();
    await see('choosing-extras', phone, 'phone');
    await manager.post('menu/availability', { thing: 'option/milk/oat', available: 'false' });
    await expect(phone.getByText('Oat has just sold out. Choose again.')).toBeVisible();
    await see('choosing-gone', phone, 'phone');
    await phone.getByRole('radio', { name: /^Soya/ }).check();
    await phone.getByRole('button', { name: 'Order affogato' }).click();
    await phone.getByRole('link', { name: 'Change my drink' }).click();
    await phone.getByText('Espresso', { exact: true }).click();
    await see('change', phone, 'phone');

    const looking = await screens.open('looking', PHONE);
    await manager.post('menu/availability', { thing: 'drink/mocha', available: 'false' });
    await looking.goto(`${bar.url}/s/demo`);
    await live(looking);
    await see('no-order-sold-out', looking, 'phone');

    await tablet.getByRole('link', { name: 'At the counter' }).click();
    await tablet.getByText('Caffè latte', { exact: true }).first().click();
    await see('counter', tablet, 'tablet');
    await tablet.getByRole('button', { name: 'Order caffè latte' }).click();
    await expect(tablet.getByRole('list', { name: 'Just ordered here' })).toContainText('2 Caffè latte');
    await see('counter-ordered', tablet, 'tablet');
    await tablet.getByRole('link', { name: 'Back to the bar' }).click();
    await live(tablet);
    const card = tablet.getByRole('article', { name: /^Number 2,/ });
    await card.getByRole('button', { name: 'Make' }).click();
    await card.getByRole('button', { name: 'Ready' }).click();
    await card.getByRole('button', { name: 'Set aside' }).click();
    await expect(card.getByText('set aside', { exact: true })).toBeVisible();
    await see('barista-set-aside', tablet, 'tablet');
  },

  'pages that say no': async (bar, screens, see) => {
    screens.expect(/status of (401|403|404|410)/);
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${bar.url}/q/nonsense`);
    await see('code-unknown', phone, 'phone');
    await phone.goto(`${bar.url}/s/nowhere`);
    await see('shop-unknown', phone, 'phone');
    await phone.goto(`${bar.url}/s/demo/barista`);
    await see('not-let-in', phone, 'phone');
    const link = bar.link('barista');
    await phone.goto(link);
    await see('enter', phone, 'phone');
    await phone.getByRole('button', { name: 'Use this device' }).click();
    await live(phone);
    await see('barista-on-a-phone', phone, 'phone');
    const late = await screens.open('late', PHONE);
    await late.goto(link);
    await see('enter-used', late, 'phone');
  },

  'a manager in the office': async (bar, screens, see) => {
    screens.expect(/status of 422/);
    const office = await screens.open('office', { ...PHONE, javaScriptEnabled: false });
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${bar.url}/s/demo`);
    await live(phone);
    await enter(office, bar.link('office'));
    await expect(office.getByRole('heading', { name: 'Office' })).toBeVisible();
    await see('office', office, 'phone');
    const opening = office.getByRole('group', { name: 'Opening 1' });
    await opening.getByLabel('Day').selectOption('Friday');
    await opening.getByLabel('From').fill('18:00');
    await opening.getByLabel('To').fill('02:00');
    await office.getByRole('button', { name: 'Save the hours' }).click();
    await expect(office.getByRole('group', { name: 'Opening 4' })).toBeVisible();
    await expect(office.getByRole('group', { name: 'Opening 1' }).getByLabel('To')).toHaveValue('02:00');
    await office.getByText('Stop all orders').click();
    await see('office-stopping', office, 'phone');

    await office.getByRole('link', { name: 'Menu' }).click();
    await see('office-menu', office, 'phone');
    await office.getByRole('link', { name: 'Flat white' }).click();
    await see('office-drink', office, 'phone');
    await office.getByLabel(/^Name/).fill('Flat black');
    await office.getByRole('button', { name: 'Save the drink' }).click();
    await expect(phone.getByText('Flat black')).toBeVisible();
    await office.getByRole('link', { name: 'Back to the menu' }).click();
    await office.getByRole('link', { name: 'Milk' }).click();
    await see('office-group', office, 'phone');
    await office.getByText('Remove this group').click();
    await office.getByRole('button', { name: 'Remove it' }).click();
    await expect(office.getByText(/a drink still has that group/)).toBeVisible();
    await office.getByRole('link', { name: 'Back' }).click();
    await expect(office.getByRole('heading', { name: 'Milk' })).toBeVisible();
    await office.getByRole('link', { name: 'Extensions' }).click();
    await office.getByRole('button', { name: 'Switch off: Wait times' }).click();
    await expect(office.getByRole('button', { name: 'Switch on: Wait times' })).toBeVisible();
    await see('office-extensions', office, 'phone');

    const laptop = await screens.open('laptop', TABLET);
    const { out } = await bar.run('link', '--data', bar.data, '--role', 'manager');
    await enter(laptop, out.trim());
    await laptop.goto(`${bar.url}/s/demo/office/drink`);
    await see('office-new-drink', laptop, 'tablet');
    await laptop.getByRole('link', { name: 'The bar' }).click();
    await live(laptop);
    await laptop.getByRole('link', { name: 'Office' }).click();
    await see('office-wide', laptop, 'tablet');
  },

  'the tablet through a day': async (bar, screens, see) => {
    const { tablet } = await screens.crew(bar);
    await see('barista-empty', tablet, 'tablet');
    await busy(bar, tablet);
    await see('barista-busy', tablet, 'tablet');
    const tab = tablet.context().waitForEvent('page');
    await tablet.getByRole('article').first().getByRole('link', { name: /^Journey/ }).click();
    const journey = await tab;
    await expect(journey.getByRole('heading', { name: /^Journey of order/ })).toBeVisible();
    await see('journey-at-the-bar', journey, 'tablet');
    await journey.close();
    const first = tablet.getByRole('article').first();
    await first.getByText('Cancel', { exact: true }).click();
    await see('barista-cancelling', tablet, 'tablet');
    await first.getByText('Cancel', { exact: true }).click();
    await tablet.getByText('Take a break', { exact: true }).click();
    await tablet.getByLabel(/What people read/).fill('Milk is on its way');
    await see('barista-break', tablet, 'tablet');
    await tablet.getByRole('button', { name: 'Take the break' }).click();
    await expect(tablet.getByRole('button', { name: 'Go on' })).toBeVisible();
    await see('barista-on-a-break', tablet, 'tablet');
    const phone = await screens.open('phone', PHONE);
    await phone.goto(`${bar.url}/s/demo`);
    await expect(phone.getByText('Milk is on its way.')).toBeVisible();
    await live(phone);
    await see('break', phone, 'phone');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(tablet.getByRole('button', { name: 'Open the shop' })).toBeVisible();
    await see('barista-closed', tablet, 'tablet');
    await bar.kill();
    await tablet.getByRole('button', { name: 'Open the shop' }).click();
    await expect(tablet.getByRole('alert')).toBeVisible();
    await expect(tablet.getByText(/not live since/)).toBeVisible();
    await see('barista-away', tablet, 'tablet');
  },

  'the TV through a day': async (bar, screens, see) => {
    const { tv, tablet } = await screens.crew(bar);
    await see('display-empty', tv, 'tv');
    const robot = await busy(bar, tablet);
    await expect(tv.locator('li.order')).toHaveCount(10);
    await see('display-busy', tv, 'tv');
    for (let n = 0; n < 25; n += 1) await robot.order(MENU[n % MENU.length] ?? 'latte');
    await expect(tv.getByText(/^\+\d+ more$/)).toBeVisible();
    await see('display-full', tv, 'tv');
    await bar.run('robot', '--server', bar.url, '--data', bar.data, '--orders', '10', '--rate', '0', '--as-guests');
    await expect(tv.getByRole('heading', { name: 'All taken' })).toBeVisible();
    await see('display-all-taken', tv, 'tv');
    await tablet.getByText('Take a break', { exact: true }).click();
    await tablet.getByRole('button', { name: 'Take the break' }).click();
    await expect(tv.getByRole('heading', { name: 'A short break' })).toBeVisible();
    await see('display-break', tv, 'tv');
    await tablet.getByRole('button', { name: 'Close the shop' }).click();
    await expect(tv.getByRole('heading', { name: 'We are closed' })).toBeVisible();
    await see('display-closed', tv, 'tv');
    await bar.kill();
    await expect(tv.getByText(/not live since/)).toBeVisible();
    await see('display-away', tv, 'tv');
  },
};

/** The drinks of the demo menu. */
const MENU = ['espresso', 'americano', 'filter', 'flat-white', 'cappuccino', 'latte', 'mocha', 'chocolate', 'chai'];

/** Adds a drink with a price and a group of which two options may be taken. */
export async function stock(manager: Script): Promise<void> {
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
export async function busy(bar: Bar, tablet: Page): Promise<Script> {
  const robot = await bar.script('robot');
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
