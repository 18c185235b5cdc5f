// Test fixtures: the real program in a temporary folder on a free port, and browser pages with checked consoles.
import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

const BINARY = process.env.CREMA_BIN ?? '';

export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
export const TABLET: BrowserContextOptions = { viewport: { width: 1180, height: 820 }, hasTouch: true };
export const TV: BrowserContextOptions = { viewport: { width: 1920, height: 1080 } };

/** Console messages of Chromium while the server is down. All other errors fail the test. */
const SERVER_DOWN_ERRORS =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/;

export class TestServer {
  readonly data = mkdtempSync(join(tmpdir(), 'crema-'));
  url = '';
  private running?: ChildProcess;
  private output = '';
  private readonly children: ChildProcess[] = [];

  constructor(private readonly flags: string[]) {}

  async start(): Promise<void> {
    const port = this.url === '' ? await freePort() : Number(new URL(this.url).port);
    this.url = `http://127.0.0.1:${port}`;
    this.output = '';
    const running = spawn(BINARY, ['serve', '--addr', `127.0.0.1:${port}`, '--data', this.data, ...this.flags]);
    this.running = running;
    await new Promise<void>((ready, failed) => {
      running.stdout.on('data', (text) => {
        this.output += text;
        if (this.output.includes('Stop with Ctrl-C')) ready();
      });
      let stderr = '';
      running.stderr.on('data', (text) => (stderr += text));
      running.on('exit', (code) => failed(new Error(`the server did not start (${code}): ${stderr}`)));
    });
  }

  /** Kills the process with SIGKILL. */
  async kill(): Promise<void> {
    await terminate(this.running, 'SIGKILL');
  }

  /** The link that the program printed at startup. */
  link(role: 'display' | 'barista' | 'office'): string {
    const match = new RegExp(`${role} +(\\S+)`).exec(this.output);
    if (!match) throw new Error(`no link for ${role} in: ${this.output}`);
    return match[1];
  }

  /** Runs `crema` with these arguments to its end. */
  run(...args: string[]): Promise<{ code: number | null; out: string }> {
    const child = spawn(BINARY, args);
    this.children.push(child);
    let out = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (out += text));
    return new Promise((done) => child.on('exit', (code) => done({ code, out })));
  }

  /** Issues a token and returns an API client with it. */
  async apiClient(role: 'robot' | 'barista' | 'manager'): Promise<ApiClient> {
    const { out } = await this.run('token', '--data', this.data, '--role', role);
    return new ApiClient(this.url, out.trim());
  }

  /** The number of events in the log. */
  async position(): Promise<number> {
    const answer = await fetch(`${this.url}/s/demo/view/ordering`);
    const { cursor } = (await answer.json()) as { cursor: string };
    return Number(cursor.split('.')[1]);
  }

  async close(): Promise<void> {
    await Promise.all([this.running, ...this.children].map((child) => terminate(child, 'SIGKILL')));
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** A client with a bearer token and no browser: robots, or a second barista. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Starts and submits an order. */
  async order(drink: string, fields: Record<string, string> = {}): Promise<void> {
    const order = crypto.randomUUID();
    await this.post('orders/start', { order });
    await this.post('orders/submit', { order, drink, ...fields });
  }

  /** Applies a step to the order with this number. */
  async step(action: 'claim' | 'complete' | 'collect' | 'cancel', number: number): Promise<void> {
    const answer = await fetch(`${this.url}/s/demo/view/barista`, { headers: this.headers() });
    const { view } = (await answer.json()) as { view: { cards: { number: number; order: string; version: number }[] } };
    const card = view.cards.find((card) => card.number === number);
    if (!card) throw new Error(`no order with number ${number}`);
    const reason: Record<string, string> = action === 'cancel' ? { reason: 'other' } : {};
    await this.post(`orders/${action}`, { order: card.order, version: String(card.version), ...reason });
  }

  async post(path: string, fields: Record<string, string>): Promise<void> {
    const body = new URLSearchParams({ shop: 'demo', ...fields });
    const answer = await fetch(`${this.url}/api/${path}`, { method: 'POST', headers: this.headers(), body });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  private headers(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }
}

async function terminate(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Opens pages in separate browser contexts and records console errors. */
export class Screens {
  private readonly errors: string[] = [];
  private readonly pages: Page[] = [];
  private readonly expected: RegExp[] = [SERVER_DOWN_ERRORS];

  constructor(private readonly browser: Browser) {}

  async open(name: string, options: BrowserContextOptions): Promise<Page> {
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    this.pages.push(page);
    page.on('console', (message) => {
      const known = this.expected.some((text) => text.test(message.text()));
      if (message.type() === 'error' && !known) this.errors.push(`${name}: ${message.text()}`);
    });
    page.on('pageerror', ({ message }) => {
      if (!this.expected.some((text) => text.test(message))) this.errors.push(`${name}: ${message}`);
    });
    return page;
  }

  /** Opens a display and a barista's tablet, signed in and connected. */
  async openStaffScreens(server: TestServer): Promise<{ tv: Page; tablet: Page }> {
    const tv = await this.open('tv', TV);
    const tablet = await this.open('tablet', TABLET);
    await redeemLink(tv, server.link('display'));
    await redeemLink(tablet, server.link('barista'));
    await waitUntilLive(tv);
    await waitUntilLive(tablet);
    return { tv, tablet };
  }

  /** Allows an error in the console or of a page: Chromium reports the status of every refused request. */
  expect(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  async close(): Promise<void> {
    for (const page of this.pages) await page.context().close();
    expect(this.errors).toEqual([]);
  }
}

/** Redeems a one-time link by its button. */
export async function redeemLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Use this device' }).click();
}

/** Decodes the QR code from a screenshot of the display. */
export async function scan(display: Page): Promise<string> {
  const picture = PNG.sync.read(await display.getByRole('img', { name: /QR code/ }).screenshot());
  const code = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  if (!code) throw new Error('cannot decode the QR code on the display');
  return code.data;
}

/** Waits until the page is connected to its stream. */
export async function waitUntilLive(page: Page): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: /^live$/ })).toBeVisible();
}

/** Scans with a new phone and orders; returns the phone. */
export async function orderByPhone(screens: Screens, link: string, drink: string): Promise<Page> {
  const phone = await screens.open('phone', PHONE);
  await phone.goto(link);
  await waitUntilLive(phone);
  await phone.getByText(drink, { exact: true }).click();
  await phone.getByRole('button', { name: `Order ${drink.toLowerCase()}` }).click();
  await expect(phone.getByRole('heading', { name: /in the queue/ })).toBeVisible();
  return phone;
}

/** Order numbers on the TV, in order. 'Preparing' are those being made, followed by those in the queue. */
export async function orderNumbers(tv: Page, list: 'Preparing' | 'Ready'): Promise<string[]> {
  const headings = list === 'Ready' ? ['Ready'] : ['Being made', 'In the queue'];
  const numbers: string[] = [];
  for (const name of headings) {
    const section = tv.locator('section').filter({ has: tv.getByRole('heading', { name }) });
    numbers.push(...(await section.locator('strong.number').allInnerTexts()));
  }
  return numbers;
}

export const test = base.extend<{ serverFlags: string[]; server: TestServer; screens: Screens }>({
  /** Further flags of `crema serve`. */
  serverFlags: [[], { option: true }],
  server: async ({ serverFlags }, use) => {
    if (BINARY === '') throw new Error('CREMA_BIN is not set: run `make e2e`');
    const server = new TestServer(serverFlags);
    await server.start();
    await use(server);
    await server.close();
  },
  screens: async ({ browser }, use) => {
    const screens = new Screens(browser);
    await use(screens);
    await screens.close();
  },
});

export { expect };
