// The TV by itself: it invites, calls, counts down, and does not claim what it cannot know.
import type { Page } from '@playwright/test';
import { TV, type Screens, type TestServer, expect, redeemLink, test, waitUntilLive } from '../fixtures';
import { DisplayStream, displayRow } from '../stream';

async function openTv(server: TestServer, screens: Screens): Promise<Page> {
  const tv = await screens.open('tv', TV);
  await redeemLink(tv, server.link('display'));
  await waitUntilLive(tv);
  return tv;
}

/** A TV whose stream the test writes. */
async function streamedTv(server: TestServer, screens: Screens): Promise<{ tv: Page; stream: DisplayStream }> {
  const tv = await openTv(server, screens);
  const stream = await DisplayStream.replace(tv, server.url);
  await waitUntilLive(tv);
  return { tv, stream };
}

const code = (tv: Page) => tv.getByRole('img', { name: /QR code/ });
const announced = (tv: Page) => tv.locator('[data-list="calls"] .order');

/** Seconds of a countdown such as “new code in 2:12”. */
async function countdown(tv: Page): Promise<number> {
  const [, minutes, seconds] = /(\d+):(\d\d)/.exec(await tv.locator('.next-code').innerText()) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

test('a TV without orders shows how to order, and the menu with what is sold out', async ({ server, screens }) => {
  const tv = await openTv(server, screens);
  await expect(tv.getByRole('heading', { level: 1 })).toHaveText('Crema Demo');
  await expect(code(tv)).toBeVisible();
  const box = await code(tv).boundingBox();
  expect(box?.height).toBeGreaterThan(1080 / 2);
  for (const step of ['Scan the code', 'Choose your drink', 'Wait for your number']) await expect(tv.getByText(step)).toBeVisible();
  const espresso = tv.getByRole('listitem').filter({ hasText: 'Espresso' });
  await expect(espresso).toBeVisible();
  await expect(espresso).not.toContainText('sold out');
  const manager = await server.apiClient('manager');
  await manager.post('menu/availability', { thing: 'drink/espresso', available: 'false' });
  await expect(espresso).toContainText('sold out');
  await manager.post('menu/availability', { thing: 'drink/espresso', available: 'true' });
  await expect(espresso).not.toContainText('sold out');

  await (await server.apiClient('robot')).order('espresso');
  await expect(tv.getByText('Choose your drink')).toBeHidden();
  await expect(tv.getByRole('heading', { name: 'In the queue' })).toBeVisible();
  await (await server.apiClient('barista')).step('cancel', 1);
  await expect(tv.getByText('Choose your drink')).toBeVisible();
});

test('the address to type is large, and the code stands in two groups', async ({ server, screens }) => {
  const tv = await openTv(server, screens);
  await expect(tv.getByText(`${new URL(server.url).host}/q`, { exact: true })).toBeVisible();
  const typed = await tv.locator('.typed strong').innerText();
  expect(typed).toMatch(/^[a-z0-9]{4} [a-z0-9]{4}$/);
  const phone = await screens.open('phone', {});
  await phone.goto(`${server.url}/q`);
  await phone.getByLabel('Code').fill(typed);
  await phone.keyboard.press('Enter');
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
});

test('a ring drains with the time of the code, and is right after a reload', async ({ server, screens }) => {
  const tv = await openTv(server, screens);
  const expectRight = async () => {
    await expect(async () => {
      const drained = Number(await tv.locator('.ring').getAttribute('stroke-dashoffset'));
      expect(Math.abs(drained - (100 - (await countdown(tv)) / 3))).toBeLessThanOrEqual(1.5);
    }).toPass();
  };
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
  await expectRight();
  await tv.reload();
  await waitUntilLive(tv);
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
  await expectRight();
});

test('in its last seconds a code makes way for a countdown', async ({ server, screens }) => {
  const { tv, stream } = await streamedTv(server, screens);
  const opening = JSON.parse((await tv.locator('#opening').textContent()) ?? '') as { asides: { code: { until: string } } };
  const until = Date.parse(opening.asides.code.until);
  stream.show({}, new Date(until - 60_000));
  await expect(code(tv)).toBeVisible();
  stream.show({}, new Date(until - 9_000));
  await expect(code(tv)).toHaveCount(0);
  await expect(tv.getByRole('heading', { name: 'A new code comes' })).toBeVisible();
  expect(await countdown(tv)).toBeLessThan(10);
  stream.close();
});

test('a bar at full capacity does not invite', async ({ server, screens }) => {
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[room]': '1' });
  const tv = await openTv(server, screens);
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
  await (await server.apiClient('robot')).order('espresso');
  await expect(code(tv)).toHaveCount(0);
  await expect(tv.getByRole('heading', { name: 'Hands full' })).toBeVisible();
  await expect(tv.locator('.left')).toHaveText('');
  await tv.reload();
  await expect(tv.getByRole('heading', { name: 'Hands full' })).toBeVisible();
  const barista = await server.apiClient('barista');
  await barista.step('claim', 1);
  await barista.step('complete', 1);
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
});

test('a number that becomes ready, or is called again, stands large for ten seconds', async ({ server, screens }) => {
  const { tv, stream } = await streamedTv(server, screens);
  const long = displayRow(41, 'ready', 300, 'Espresso');
  stream.show({ rows: [long, displayRow(42, 'making', 90)] });
  await expect(tv.locator('[data-list="ready"] .number')).toHaveText(['41']);
  await expect(announced(tv)).toHaveCount(0);
  const ready = displayRow(42, 'ready', 0);
  stream.show({ rows: [long, ready] });
  await expect(announced(tv)).toContainText(/42\s*Flat white/);
  await expect(tv.locator('[data-list="ready"] .number')).toHaveText(['41', '42']);
  stream.show({ rows: [long, ready] }, new Date(Date.parse(ready.since) + 11_000));
  await expect(announced(tv)).toHaveCount(0);

  const called = { ...long, version: 4, called: { times: 1, at: new Date(Date.parse(ready.since) + 12_000).toISOString() } };
  stream.show({ rows: [called, ready] }, new Date(Date.parse(ready.since) + 13_000));
  await expect(announced(tv)).toContainText(/41\s*Espresso\s*called again/);
  stream.show({ rows: [called, ready] }, new Date(Date.parse(ready.since) + 23_000));
  await expect(announced(tv)).toHaveCount(0);
  stream.close();
});

test('calls do not move under reduced motion', async ({ server, screens }) => {
  const { tv, stream } = await streamedTv(server, screens);
  const animations = () => announced(tv).evaluate((call) => call.getAnimations().length);
  stream.show({ rows: [displayRow(42, 'ready', 0)] });
  await expect.poll(animations).toBe(1);
  await tv.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(animations).toBe(0);
  await expect(announced(tv)).toBeVisible();
  stream.close();
});

test('a device plays a chime and speaks the number once its sound is switched on, also after a reload', async ({ server, screens }) => {
  const tv = await screens.open('tv', TV);
  await tv.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when?: number) {
      heard.push('tone');
      start.call(this, when);
    };
    SpeechSynthesis.prototype.speak = ({ text }) => void heard.push(text);
  });
  const heard = () => tv.evaluate(() => (globalThis as unknown as { heard: string[] }).heard.splice(0));
  await redeemLink(tv, server.link('display'));
  await waitUntilLive(tv);
  const stream = await DisplayStream.replace(tv, server.url);
  await waitUntilLive(tv);
  let number = 40;
  const call = async () => {
    number += 1;
    stream.show({ rows: [displayRow(number, 'ready', 0)] });
    await expect(announced(tv)).toContainText(String(number));
  };
  await call();
  expect(await heard()).toEqual([]);
  await tv.getByRole('button', { name: 'sound off' }).click();
  expect(await heard()).toEqual(['tone', 'tone']);
  await call();
  await expect.poll(heard).toEqual(['tone', 'tone']);
  await tv.getByRole('button', { name: 'chime on' }).click();
  expect(await heard()).toEqual(['tone', 'tone', 'voice on']);
  await tv.reload();
  await waitUntilLive(tv);
  await expect(tv.getByRole('button', { name: 'voice on' })).toBeVisible();
  await expect(announced(tv)).toContainText(String(number));
  await heard();
  await call();
  await expect.poll(heard).toEqual(['tone', 'tone', `Number ${number}, Flat white, is ready.`]);
  stream.close();
});

test('the wait is never told as shorter than an order waits now', async ({ server, screens }) => {
  const [robot, barista] = [await server.apiClient('robot'), await server.apiClient('barista')];
  await robot.order('espresso');
  await barista.step('claim', 1);
  await barista.step('complete', 1);
  await barista.step('collect', 1);
  const tv = await openTv(server, screens);
  const head = tv.locator('.pins.head');
  await expect(head).toHaveText('Wait now under a minute');
  await expect(tv.locator('.pins.drinks')).toHaveText('Espresso under a minute');
  const stream = await DisplayStream.replace(tv, server.url);
  await expect(head).toHaveText('Wait now under a minute');
  stream.show({ rows: [displayRow(2, 'waiting', 480)] });
  await expect(head).toHaveText('Wait now about 8 min');
  stream.show({ rows: [displayRow(2, 'making', 480)] });
  await expect(head).toHaveText('Wait now under a minute');
  stream.close();
});

test('orders that do not fit take turns, and the longest ready one stays', async ({ server, screens }) => {
  const { tv, stream } = await streamedTv(server, screens);
  await tv.setViewportSize({ width: 1024, height: 768 });
  const waiting = Array.from({ length: 40 }, (_, n) => displayRow(1040 + n, 'waiting', 300 - n));
  const ready = Array.from({ length: 30 }, (_, n) => displayRow(1000 + n, 'ready', 900 - n));
  const numbers = (list: string) => tv.locator(`[data-list="${list}"] .number`).allInnerTexts();
  const seen = new Set<string>();
  const note = tv.locator('[data-list="queue"] .turn');
  let before = '';
  // The server's time, in steps of one turn.
  const start = Math.ceil(Date.now() / 8000) * 8000;
  for (let turn = 0; turn < 8; turn += 1) {
    stream.show({ rows: [...ready, ...waiting] }, new Date(start + turn * 8000 + 1000));
    await expect(note).not.toHaveText(before);
    await expect(note).toHaveText(/^\d of \d$/);
    before = await note.innerText();
    const shown = [await numbers('ready'), await numbers('queue')];
    expect(shown[0]?.[0]).toBe('1000');
    for (const number of shown.flat()) seen.add(number);
  }
  expect(seen.size).toBe(70);
  stream.close();
});

test('a ready order shows for how long it is ready, and leaves when its time is over, after a reload or not', async ({
  server,
  screens,
}) => {
  const manager = await server.apiClient('manager');
  await manager.post('store/limits', { 'change[ready_seconds]': '8' });
  const tv = await openTv(server, screens);
  const [robot, barista] = [await server.apiClient('robot'), await server.apiClient('barista')];
  await robot.order('espresso');
  await barista.step('claim', 1);
  await barista.step('complete', 1);
  const ready = tv.locator('[data-list="ready"] .order');
  await expect(ready.locator('.number')).toHaveText('1');
  await expect(ready.locator('.age')).toHaveText('now');
  const other = await tv.context().newPage();
  await other.goto(tv.url());
  await expect(other.locator('[data-list="ready"] .number')).toHaveText('1');
  for (const page of [tv, other]) await expect(page.locator('[data-list="ready"] .order')).toHaveCount(0, { timeout: 15_000 });
});

test('a TV without its server says so where the code was', async ({ server, screens }) => {
  const tv = await openTv(server, screens);
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
  await server.kill();
  await expect(tv.getByRole('heading', { name: 'No connection' })).toBeVisible();
  await expect(code(tv)).toHaveCount(0);
  await server.start();
  await waitUntilLive(tv);
  await expect(code(tv)).toBeVisible({ timeout: 15_000 });
});

test('a TV that has run for a day loads itself again at night', async ({ server, screens }) => {
  const tv = await openTv(server, screens);
  await tv.clock.install();
  await tv.reload();
  await waitUntilLive(tv);
  const loaded = tv.waitForEvent('load');
  for (let hour = 0; hour < 30; hour += 1) await tv.clock.fastForward(3_600_000);
  await loaded;
  await waitUntilLive(tv);
});
