// Menu changes while a guest chooses, and orders taken at the counter.
import { PHONE, expect, waitUntilLive, orderNumbers, scan, test } from '../fixtures';
import { addPricedDrink } from '../states';

test('what runs out leaves an open basket, and the guest is told', async ({ server, screens }) => {
  const { tv } = await screens.openStaffScreens(server);
  const manager = await server.apiClient('manager');
  await addPricedDrink(manager);
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Affogato', { exact: true }).click();
  await expect(phone.getByText('4.50 €', { exact: true })).toBeVisible();
  await phone.getByRole('checkbox', { name: /^Cream/ }).check();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await expect(phone.getByText('Contains gluten.').filter({ visible: true })).toBeVisible();
  await expect(phone.getByRole('button', { name: 'Order affogato, oat, cream · 5.00 €' })).toBeVisible();
  await phone.getByLabel(/Name for the cup/).filter({ visible: true }).fill('Ada');

  await manager.post('menu/availability', { thing: 'option/milk/oat', available: 'false' });
  await expect(phone.getByRole('alert')).toHaveText('Oat has just sold out. Choose again.');
  const oat = phone.getByRole('radio', { name: /^Oat/ }).filter({ visible: true });
  await expect(oat).toBeDisabled();
  // All other choices are kept.
  await expect(phone.getByRole('checkbox', { name: /^Cream/ })).toBeChecked();
  await expect(phone.getByLabel(/Name for the cup/).filter({ visible: true })).toHaveValue('Ada');
  await phone.getByRole('radio', { name: /^Soya/ }).filter({ visible: true }).check();
  await phone.getByRole('button', { name: 'Order affogato' }).click();
  await expect(phone.getByText('Affogato, Soya, Cream')).toBeVisible();
  await expect(phone.getByText('5.00 €', { exact: true })).toBeVisible();
  await expect(phone.getByText('We will call “Ada”.')).toBeVisible();

  // The choice can be edited until a barista claims the order; number and place stay.
  await phone.getByRole('link', { name: 'Change my drink' }).click();
  await expect(phone.getByRole('radio', { name: /^Soya/ }).filter({ visible: true })).toBeChecked();
  await phone.getByText('Espresso', { exact: true }).click();
  await phone.getByRole('button', { name: 'Change to this' }).click();
  await expect(phone.getByRole('heading', { name: 'Your espresso is in the queue.' })).toBeVisible();
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  await expect(tv.getByRole('listitem').and(tv.locator('.order')).getByText('Espresso', { exact: true })).toBeVisible();
});

test('what leaves the menu leaves an open basket, nothing is picked instead, and the guest is told', async ({
  server,
  screens,
}) => {
  const { tv } = await screens.openStaffScreens(server);
  const manager = await server.apiClient('manager');
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await phone.getByRole('radio', { name: /^Small/ }).check();
  const allergens = phone.locator('.contains').filter({ visible: true });
  await expect(allergens).toHaveText('Contains gluten.');

  await manager.post('menu/group', {
    'group[id]': 'milk',
    'group[name]': 'Milk',
    'group[options][0][id]': 'cow',
    'group[options][0][name]': 'Cow’s milk',
    'group[options][0][allergens][0]': 'milk',
    'group[options][1][id]': 'soy',
    'group[options][1][name]': 'Soya',
    'group[options][1][allergens][0]': 'soybeans',
  });
  await expect(phone.getByRole('alert')).toHaveText('Oat is no longer on the menu. Choose again.');
  const milk = phone.getByRole('group', { name: 'Milk' }).filter({ visible: true });
  await expect(milk.getByRole('radio')).toHaveCount(2);
  await expect(milk.getByRole('radio', { checked: true })).toHaveCount(0);
  await expect(phone.getByRole('radio', { name: /^Small/ }).filter({ visible: true })).toBeChecked();
  await expect(allergens).toHaveText('No listed allergens.');
  // The form is not sent without a milk.
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();

  // A drink that leaves opens no other one.
  await manager.post('menu/drink/remove', { drink: 'flat-white' });
  await expect(phone.getByRole('alert')).toContainText('Flat white is no longer on the menu. Choose another.');
  await expect(phone.locator('.drink-card[open]')).toHaveCount(0);
  await phone.getByText('Cappuccino', { exact: true }).click();
  await expect(phone.getByRole('radio', { name: /^Medium/ }).filter({ visible: true })).toBeChecked();
  await phone.getByRole('radio', { name: /^Soya/ }).filter({ visible: true }).check();
  await expect(allergens).toHaveText('Contains soya.');
  await expect(phone.getByRole('alert')).toHaveCount(0);
  await phone.getByRole('button', { name: 'Order cappuccino' }).click();
  await expect(phone.getByText('Cappuccino, Medium, Soya', { exact: true })).toBeVisible();
});

test('a walk-in order is taken at the counter and called until it is set aside', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  await tablet.getByRole('link', { name: 'At the counter' }).click();
  await tablet.getByText('Caffè latte', { exact: true }).first().click();
  await tablet.getByRole('button', { name: 'Order caffè latte' }).click();
  await expect(tablet.getByRole('list', { name: 'Just ordered here' })).toContainText('1 Caffè latte');
  await expect.poll(() => orderNumbers(tv, 'Preparing')).toEqual(['1']);
  await tablet.getByRole('link', { name: 'Back to the bar' }).click();
  const card = tablet.getByRole('article', { name: /^Number 1,/ });
  await card.getByRole('button', { name: 'Make' }).click();
  await card.getByRole('button', { name: 'Ready' }).click();
  await expect.poll(() => orderNumbers(tv, 'Ready')).toEqual(['1']);
  await card.getByRole('button', { name: 'Call again' }).click();
  await expect(card.getByText('called twice')).toBeVisible();
  await expect(tv.getByRole('list').getByText('called again')).toBeVisible();
  await card.getByRole('button', { name: 'Set aside' }).click();
  await expect.poll(() => orderNumbers(tv, 'Ready')).toEqual([]);
  await card.getByRole('button', { name: 'Collected' }).click();
  await expect(card).toHaveCount(0);
});
