/** The window as it is shipped, but for its client: built once, served, opened in Chromium without a GPU. */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

export type Stage = { page(address: string): Promise<Page>; close(): Promise<void> };

/** The fake world is left out of production builds only, so this one has another mode; React is the production one. */
export async function openStage(): Promise<Stage> {
  const outDir = await mkdtemp(path.join(tmpdir(), 'orrery-window-'));
  await build({
    root: path.resolve(import.meta.dirname, '../../src/renderer'),
    configFile: false,
    mode: 'bench',
    logLevel: 'error',
    plugins: [react()],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, minify: true },
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://window');
    const name = pathname === '/' ? 'index.html' : pathname;
    try {
      const bytes = readFileSync(path.join(outDir, name));
      response.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'font/woff2' }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const executablePath = process.env['ORRERY_CHROMIUM'] ?? '/usr/bin/chromium';
  const browser: Browser = await chromium.launch({ executablePath, args: ['--disable-gpu', '--js-flags=--expose-gc'] });
  return {
    async page(query) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      page.on('pageerror', (error) => {
        throw error;
      });
      await page.goto(`http://127.0.0.1:${port}/?fake=${query}`);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

/** Frames a second while `forMs` go by. */
export function framesPerSecond(page: Page, forMs: number): Promise<number> {
  return page.evaluate(
    (durationMs) =>
      new Promise<number>((resolve) => {
        const { requestAnimationFrame } = globalThis as unknown as { requestAnimationFrame(next: () => void): void };
        const startMs = performance.now();
        let frames = 0;
        const count = (): void => {
          frames += 1;
          const elapsedMs = performance.now() - startMs;
          if (elapsedMs < durationMs) requestAnimationFrame.call(globalThis, count);
          else resolve((frames * 1_000) / elapsedMs);
        };
        requestAnimationFrame.call(globalThis, count);
      }),
    forMs,
  );
}

/** The same while the picture is dragged to and fro. */
export async function framesWhilePanning(page: Page, forMs: number): Promise<number> {
  const counted = framesPerSecond(page, forMs);
  const pane = await page.locator('.react-flow__pane').boundingBox();
  if (pane === null) throw new Error('there is no picture to drag');
  const [x, y] = [pane.x + pane.width / 2, pane.y + pane.height - 12];
  await page.mouse.move(x, y);
  await page.mouse.down();
  let done = false;
  const finished = counted.finally(() => (done = true));
  for (let step = 0; !done; step++)
    await page.mouse.move(x + Math.sin(step / 6) * 200, y - Math.abs(Math.cos(step / 6)) * 60);
  await page.mouse.up();
  return finished;
}

/** Bytes of live objects, after a collection. */
export function heapBytes(page: Page): Promise<number> {
  return page.evaluate(() => {
    const known = globalThis as unknown as { gc?: () => void };
    known.gc?.();
    return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
  });
}
