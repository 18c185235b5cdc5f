// A stream of our own for one page: it shows any state at once, without the commands that lead there.
import type { Page } from '@playwright/test';
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An order on the display, as in `domain/src/view/display.rs`. */
export interface DisplayRow {
  order: string;
  number: number;
  name: string;
  icon: string;
  step: 'waiting' | 'making' | 'ready';
  since: string;
  version: number;
  aside?: boolean;
  called?: { times: number; at: string };
}

/** The part of the display's view that tests set. */
export interface DisplayView {
  name: string;
  rows: DisplayRow[];
}

/** An order that has been at this step for some seconds. */
export function displayRow(number: number, step: DisplayRow['step'], seconds: number, name = 'Flat white'): DisplayRow {
  const since = new Date(Date.now() - seconds * 1000).toISOString();
  const order = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return { order, number, name, icon: 'flat-white', step, since, version: 3 };
}

interface Snapshot {
  now: string;
  view: DisplayView;
}

/** Answers the streams of a display and keeps them open. */
export class DisplayStream {
  private readonly streams = new Set<ServerResponse>();
  private readonly server: Server;
  private frames = '';

  private constructor(private snapshot: Snapshot) {
    this.server = createServer((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' });
      answer.write(this.frames || ': open\n\n');
      this.streams.add(answer);
      answer.on('close', () => this.streams.delete(answer));
    });
  }

  /** Takes over the stream of a display that is open, from its next reload. */
  static async replace(page: Page, url: string): Promise<DisplayStream> {
    const answer = await page.request.get(`${url}/s/demo/view/display`);
    const stream = new DisplayStream((await answer.json()) as Snapshot);
    await new Promise<void>((done) => stream.server.listen(0, '127.0.0.1', done));
    const { port } = stream.server.address() as AddressInfo;
    await page.route('**/stream/**', (route) => route.continue({ url: `http://127.0.0.1:${port}/` }));
    stream.frames = stream.frame();
    await page.reload();
    return stream;
  }

  /** Shows this view, with everything else as it was. `now` is the server's time. */
  show(view: Partial<DisplayView>, now = new Date()): void {
    this.snapshot = { ...this.snapshot, now: now.toISOString(), view: { ...this.snapshot.view, ...view } };
    this.frames = this.frame();
    for (const stream of this.streams) stream.write(this.frames);
  }

  /** Sends one more frame to the streams that are open. */
  send(event: string, data: unknown): void {
    for (const stream of this.streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private frame(): string {
    return `event: snapshot\ndata: ${JSON.stringify(this.snapshot)}\n\n`;
  }

  close(): void {
    for (const stream of this.streams) stream.end();
    this.server.close();
  }
}
