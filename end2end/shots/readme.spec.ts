// Takes one picture of the three screens at one moment: `shots/screens.png`, copied to docs/ for the README.
import { join } from 'node:path';
import { PHONE, expect, waitUntilLive, scan, test } from '../fixtures';
import { createOrders } from '../states';

const PICTURE = join(import.meta.dirname, '../../shots/screens.png');

test('the TV, a phone and a tablet at one moment', async ({ server, screens, browser }) => {
  const { tv, tablet } = await screens.openStaffScreens(server);
  await createOrders(server, tablet);
  const phone = await screens.open('phone', { ...PHONE, viewport: { width: 390, height: 800 }, deviceScaleFactor: 2 });
  await phone.goto(await scan(tv));
  await waitUntilLive(phone);
  await phone.getByText('Flat white', { exact: true }).click();
  await phone.getByRole('radio', { name: /^Oat/ }).check();
  await phone.getByRole('button', { name: 'Order flat white' }).click();
  await tablet.getByRole('article', { name: /^Number 11,/ }).getByRole('button', { name: 'Make' }).click();
  await expect(phone.getByRole('heading', { name: /is being made/ })).toBeVisible();
  await expect(tv.locator('li.order:not([data-list="calls"] *)')).toHaveCount(11);

  await tablet.evaluate(() => scrollTo(0, 0));
  const shot = async (page: typeof tv) =>
    `data:image/png;base64,${(await page.screenshot({ animations: 'disabled' })).toString('base64')}`;
  const collage = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
  await collage.setContent(`<!doctype html><style>
    body { margin: 0; height: 860px; background: oklch(0.9 0.02 80); position: relative; overflow: hidden }
    img { position: absolute; border: 8px solid oklch(0.22 0.01 60); border-radius: 14px;
      box-shadow: 0 10px 30px oklch(0.2 0.03 50 / 0.35) }
    .tv { width: 900px; left: 40px; top: 36px }
    .tablet { width: 620px; bottom: -20px; left: 250px }
    .phone { width: 270px; right: 40px; top: 150px; border-radius: 26px }
  </style>
  <img class="tv" src="${await shot(tv)}"><img class="tablet" src="${await shot(tablet)}">
  <img class="phone" src="${await shot(phone)}">`);
  await expect.poll(() => collage.evaluate(() => [...document.images].every((image) => image.complete))).toBe(true);
  await collage.screenshot({ path: PICTURE });
  await collage.context().close();
});
