// Every text on a screen comes from the tables of words: with `?lang=x-pseudo`, the tables put theirs in brackets.
import type { Page } from '@playwright/test';
import { PHONE, expect, scan, test } from '../fixtures';
import { walks } from '../states';

test.use({ serverFlags: ['--pseudo-locale'] });

/** Names from the menu and of guests. An attribute `translate="no"` marks the others; here it would cost a phone bytes. */
const NAMES = ['.picked', '.call strong', '.order .drink'].join();

/** Names from the menu in cells of extensions and in the labels of their links. */
const VALUES = ['[data-page="sheet"] .table', '[data-page="history"] .order-link'].join();

/** The texts of a page, without those that the shop, its guests or other tables wrote, that are not in brackets. */
async function unmarkedTexts(page: Page): Promise<string[]> {
  return page.evaluate((exceptions) => {
    const isContent = (element: Element | null) =>
      !element || element.closest(`script, style, noscript, [translate="no"], ${exceptions}`) !== null;
    // A text may contain another one.
    const unmarked = (text: string): string => {
      const rest = text.replace(/⟦[^⟦⟧]*⟧/g, '');
      return rest === text ? rest : unmarked(rest);
    };
    const isUnmarked = (text: string | null) => /\p{L}/u.test(unmarked(text ?? ''));
    const found: string[] = [];
    // A name within a sentence is an element of its own, and no text of a table.
    const page = document.documentElement.cloneNode(true) as HTMLElement;
    for (const name of page.querySelectorAll('bdi')) name.remove();
    page.normalize();
    const texts = document.createTreeWalker(page.querySelector('body') ?? page, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { textContent, parentElement } = texts.currentNode;
      if (!isContent(parentElement) && isUnmarked(textContent)) found.push(`${parentElement?.localName}: ${textContent}`);
    }
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        const text = element.getAttribute(name);
        if (!isContent(element) && isUnmarked(text)) found.push(`${element.localName}[${name}]: ${text}`);
      }
    }
    return found;
  }, `${NAMES}, ${VALUES}`);
}

/** The address of this page in the pseudo-locale. */
function pseudo(address: string): string {
  const url = new URL(address);
  url.searchParams.set('lang', 'x-pseudo');
  return url.href;
}

for (const [name, walk] of Object.entries(walks)) {
  test(`every text comes from a table: ${name}`, async ({ server, screens }) => {
    test.setTimeout(240_000);
    const found: string[] = [];
    await walk(server, screens, async (state, page) => {
      // The server is gone in these states; another test shows their texts.
      if (state.endsWith('-away')) return;
      const tab = await page.context().newPage();
      await tab.goto(pseudo(page.url()));
      await expect(tab.locator('html')).toHaveAttribute('lang', 'x-pseudo');
      if ((await tab.locator('.connection').count()) > 0) await expect(tab.locator('.connection[data-state="live"]')).toBeVisible();
      found.push(...(await unmarkedTexts(tab)).map((text) => `${state}: ${text}`));
      await tab.close();
    });
    expect(found).toEqual([]);
  });
}

test('a page keeps its language while it changes', async ({ server, screens }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  const manager = await server.apiClient('manager');
  const phone = await screens.open('phone', PHONE);
  await phone.goto(await scan(tv));
  await expect(phone.getByRole('heading', { name: 'What would you like?' })).toBeVisible();
  expect(await unmarkedTexts(phone), 'a text without brackets is found').toContain('h1: What would you like?');

  const pages = { phone, tablet, tv };
  for (const page of Object.values(pages)) {
    await page.goto(pseudo(page.url()));
    await expect(page.locator('.connection[data-state="live"]')).toBeVisible();
  }
  const expectMarked = async (when: string) => {
    for (const [name, page] of Object.entries(pages)) {
      expect(await unmarkedTexts(page), `${name}, ${when}`).toEqual([]);
    }
  };

  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await manager.post('menu/availability', { thing: 'option/milk/oat', available: 'false' });
  await expect(phone.getByText('⟦Oat has just sold out.⟧ ⟦Choose again.⟧')).toBeVisible();
  await expectMarked('after an option sold out');
  await phone.getByRole('radio', { name: /^Soya/ }).check();
  await phone.getByRole('button', { name: '⟦Order flat white, soya⟧' }).click();
  await expect(phone.getByText('⟦You are next.⟧')).toBeVisible();
  await expectMarked('while the order waits');

  for (const [button, status] of [
    ['⟦Make⟧', '⟦Your flat white is being made.⟧'],
    ['⟦Ready⟧', '⟦Your flat white is ready. Come and get it!⟧'],
  ]) {
    await tablet.getByRole('button', { name: button }).click();
    await expect(phone.getByRole('heading', { name: status })).toBeVisible();
    await expectMarked(status);
  }
  await tablet.getByText('⟦Take a break⟧').click();
  await tablet.getByRole('button', { name: '⟦Take the break⟧' }).click();
  await expect(tv.getByRole('heading', { name: '⟦A short break⟧' })).toBeVisible();
  await expectMarked('during a break');

  await server.kill();
  await tablet.getByRole('button', { name: '⟦Close the shop⟧' }).click();
  const unreachable = 'We could not reach the bar. Check your connection and press the button again: nothing is ordered twice.';
  await expect(tablet.getByRole('alert')).toContainText(`⟦${unreachable}⟧`);
  for (const page of Object.values(pages)) await expect(page.locator('.connection')).toContainText('⟦not live since');
  await expectMarked('without the server');
});
