// Measures live reload: the time until a change in app/ and one in style/ reach three open pages under `cargo leptos
// watch`. Works in a temporary clone and leaves this one unchanged. Run: node end2end/reload.mjs
import { chromium } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const temporary = mkdtempSync(join(tmpdir(), 'crema-reload-'));
const clone = join(temporary, 'clone');
execFileSync('git', ['clone', '--quiet', '--local', repository, clone]);

const watch = spawn('make', ['dev'], {
  cwd: clone,
  detached: true,
  env: { ...process.env, CREMA_DATA: join(temporary, 'data') },
});
let output = '';
watch.stdout.on('data', (text) => (output += text));
watch.stderr.on('data', (text) => (output += text));

/** Polls until the condition holds; the resolution is 0.1 s. */
async function waitFor(what, limit, condition) {
  const start = performance.now();
  while (!(await condition())) {
    if (watch.exitCode !== null || performance.now() - start > limit) {
      throw new Error(`${what}: timed out\n${output.slice(-3000)}`);
    }
    await new Promise((resume) => setTimeout(resume, 50));
  }
  return (performance.now() - start) / 1000;
}

function change(file, from, to) {
  const path = join(clone, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, text.replaceAll(from, to));
}

let browser;
try {
  const built = await waitFor('first build', 1_800_000, () => output.includes('Stop with Ctrl-C'));
  console.log(`first build and start        ${built.toFixed(1)} s`);
  const link = (role) => new RegExp(`${role} +(\\S+)`).exec(output)[1];
  browser = await chromium.launch({
    executablePath: process.env.CREMA_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  // Each page gets its own window: a page in a background tab closes its stream.
  const pages = await Promise.all([0, 1, 2].map(async () => (await browser.newContext()).newPage()));
  for (const [page, role] of [[pages[0], 'display'], [pages[1], 'barista']]) {
    await page.goto(link(role));
    await page.getByRole('button', { name: 'Use this device' }).click();
  }
  await pages[2].goto(link('order'));
  const all = async (condition) => (await Promise.all(pages.map((page) => condition(page).catch(() => false)))).every(Boolean);
  const isShown = (words) => () => all((page) => page.getByText(words, { exact: true }).isVisible());
  await waitFor('three live pages', 60_000, isShown('live'));

  change('style/base.css', 'html {\n', 'html {\n  outline: 7px solid;\n');
  const outlined = (page) => page.evaluate(() => getComputedStyle(document.documentElement).outlineWidth === '7px');
  const style = await waitFor('the style', 60_000, () => all(outlined));
  console.log(`a change in style/, 3 pages  ${style.toFixed(1)} s`);

  change('app/src/ui/connection.rs', '"live".to_owned()', '"live again".to_owned()');
  const app = await waitFor('the change in app/', 300_000, isShown('live again'));
  console.log(`a change in app/, 3 pages    ${app.toFixed(1)} s`);
} finally {
  await browser?.close();
  if (watch.exitCode === null) process.kill(-watch.pid, 'SIGTERM');
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
