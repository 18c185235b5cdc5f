// Accessibility of every state of every page: axe, and checks that axe does not make.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { PHONE, expect, test } from '../fixtures';
import { type Kind, type VisitState, walks } from '../states';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The display is read from afar, so it needs 7:1 for every size; the rule allows 4.5:1 for large text. */
const DISTANT_DISPLAY = {
  rules: { 'color-contrast-enhanced': { enabled: true } },
  checks: {
    'color-contrast-enhanced': {
      options: {
        ignoreUnicode: true,
        ignoreLength: false,
        ignoreTags: [],
        boldValue: 700,
        boldTextPt: 14,
        largeTextPt: 18,
        contrastRatio: { normal: { expected: 7 }, large: { expected: 7 } },
        pseudoSizeThreshold: 0.25,
        shadowOutlineEmMax: 0.1,
      },
    },
  },
};

/** Findings of axe in this color scheme. */
async function axe(page: Page, kind: Kind, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (kind === 'tv') axe.options(DISTANT_DISPLAY);
  const { violations } = await axe.withTags(TAGS).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${colorScheme} ${id}: ${node.html.slice(0, 150)} ${node.any[0]?.message ?? node.failureSummary}`),
  );
}

/** Elements that make the page scroll sideways. */
async function horizontalOverflow(page: Page, how: string): Promise<string[]> {
  return page.evaluate((how) => {
    const root = document.documentElement;
    const rtl = getComputedStyle(root).direction === 'rtl';
    if (root.scrollWidth <= root.clientWidth) return [];
    const beyond = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return rtl ? left < -1 : right > root.clientWidth + 1;
    });
    const names = beyond.map((element) => `${element.localName}.${element.classList}`).slice(0, 5);
    return [`${how}: ${root.scrollWidth} of ${root.clientWidth} px wide, caused by ${names.join(', ')}`];
  }, how);
}

/** Targets that are too small for a finger. */
async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets = [...document.querySelectorAll('button, summary, a[href], input:not([type=hidden])')];
    const shown = targets.filter((target) => target.checkVisibility());
    return shown.flatMap((target) => {
      const { width, height } = target.getBoundingClientRect();
      const name = target.textContent || target.getAttribute('name');
      return width < 44 || height < 44 ? [`${name} is ${width.toFixed(0)} by ${height.toFixed(0)} px (minimum 44)`] : [];
    });
  });
}

/** Checks the page narrow, with text at 200 %, and right to left. */
async function resizedFindings(page: Page, kind: Kind): Promise<string[]> {
  const findings: string[] = [];
  const before = page.viewportSize();
  const root = page.locator('html');
  if (kind === 'phone') {
    await page.setViewportSize({ width: 320, height: 740 });
    findings.push(...(await horizontalOverflow(page, 'at 320 px')));
  }
  // The text size of the display is fixed.
  if (kind !== 'tv') {
    await root.evaluate((html) => (html.style.fontSize = '200%'));
    findings.push(...(await horizontalOverflow(page, 'with text at 200 %')));
    await root.evaluate((html) => html.style.removeProperty('font-size'));
  }
  await root.evaluate((html) => html.setAttribute('dir', 'rtl'));
  findings.push(...(await horizontalOverflow(page, 'right to left')));
  await root.evaluate((html) => html.removeAttribute('dir'));
  if (before) await page.setViewportSize(before);
  return findings;
}

/** All findings for a state. */
async function examine(page: Page, kind: Kind): Promise<string[]> {
  const findings = kind === 'tv' ? [] : await smallTargets(page);
  // The display has one color scheme.
  for (const scheme of kind === 'tv' ? (['dark'] as const) : (['light', 'dark'] as const)) {
    findings.push(...(await axe(page, kind, scheme)));
  }
  const headings = await page.locator('h1').count();
  if (headings !== 1) findings.push(`${headings} h1 headings instead of one`);
  findings.push(...(await resizedFindings(page, kind)));
  return findings;
}

/** Axe needs scripts, so a page without scripts is examined as a copy without scripts of its own. */
async function withScripts<T>(page: Page, check: (page: Page) => Promise<T>): Promise<T> {
  if (await page.evaluate(() => !matchMedia('(scripting: none)').matches)) return check(page);
  const context = await page.context().browser()?.newContext(PHONE);
  if (!context) throw new Error('no browser');
  const copy = await context.newPage();
  await copy.route('**/*.js', (route) => route.abort());
  await copy.goto(new URL('/robots.txt', page.url()).href);
  await copy.setContent(await page.content());
  const result = await check(copy);
  await context.close();
  return result;
}

for (const [name, walk] of Object.entries(walks)) {
  test(name, async ({ server, screens }) => {
    const findings: string[] = [];
    const visit: VisitState = async (state, page, kind) => {
      const stateFindings = await withScripts(page, (page) => examine(page, kind));
      findings.push(...stateFindings.map((what) => `${state}: ${what}`));
    };
    await walk(server, screens, visit);
    expect(findings).toEqual([]);
  });
}
