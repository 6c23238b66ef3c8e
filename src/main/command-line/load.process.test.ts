import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { escapeText } from '../../core/load/report-svg.ts';
import { REPORT_WORDS } from '../../core/load/report-words.ts';
import type { LoadSummary } from '../../core/load/load-summary.ts';
import { exitOf } from './load.ts';

let home = '';
let url = '';
const server = http.createServer((request, response) => {
  if (request.url === '/never') return;
  response.writeHead(request.url === '/broken' ? 500 : 200).end('ok');
});
beforeAll(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'orrery-load-'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(home, { recursive: true, force: true });
});

async function load(args: string[], interrupt?: RegExp): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'fake-orrery.ts'), 'load', ...args], {
    env: { ...process.env, ORRERY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
    if (interrupt?.test(err)) child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
const resultOf = (out: string) => JSON.parse(out) as LoadSummary & { name: string; state: string };

test.each([
  ['pass', 5, 0],
  ['fail', 5, 1],
  ['inconclusive', 5, 3],
  ['invalid', 5, 4],
  ['none', 5, 0],
  ['none', 0, 1],
] as const)('the verdict %s with %d answers ends with %d', (verdict, ok, code) =>
  expect(exitOf({ verdict, ok })).toBe(code),
);

describe('orrery load', () => {
  test('loads an address without a panel, and writes what it found', async () => {
    const report = path.join(home, 'report.html');
    const args = ['--target', url, '--rate', '100', '--duration', '2s', '--threshold', 'p95<5s', '--report', report];
    const { code, out, err } = await load([...args, '--json', '--shape', 'constant', '--name', 'a & b']);
    const result = resultOf(out);
    expect(result).toMatchObject({ name: 'a & b', state: 'finished', offered: 200, sent: 200, ok: 200, failed: 0 });
    expect(code).toBe(exitOf(result));
    expect(err).toContain('not kept');
    const html = readFileSync(report, 'utf8');
    expect(html).toContain('a &#38; b');
    expect(html).toContain('<svg');
    // Open loop, closed loop, corrected, and the self-test, of one run.
    const { intended, service, naive, naiveCorrected, littlesLaw } = result;
    for (const { p50Ms } of [intended, service, naive, naiveCorrected]) expect(p50Ms).toBeGreaterThan(0);
    expect(littlesLaw.ratio).toBeGreaterThan(0);
    for (const word of ['intended', 'service', 'naive', 'corrected', 'littles'] as const)
      expect(html).toContain(escapeText(REPORT_WORDS[word]));
    // It opens anywhere: nothing in it asks for anything else.
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=/);
  });

  test('fails when the server does', async () => {
    const args = [
      '--target',
      `${url}broken`,
      '--rate',
      '200',
      '--duration',
      '1s',
      '--threshold',
      'errors<1%',
      '--json',
    ];
    const { code, out } = await load(args);
    const result = resultOf(out);
    expect(result.judgements).toMatchObject([{ verdict: 'fail', value: 1 }]);
    expect(Object.keys(result.errors)).toEqual(['status-500']);
    expect(code).toBe(exitOf(result));
  });

  test('ends at Ctrl-C with what it measured until then', async () => {
    const args = ['--target', url, '--rate', '50', '--duration', '10min', '--warmup', '0s', '--json'];
    const { out } = await load(args, /5 of 600 s/);
    expect(resultOf(out)).toMatchObject({ state: 'stopped', failed: 0 });
  });

  test.each([
    [['--shape', 'triangle'], 'triangle'],
    [['--threshold', 'mean<5ms'], 'mean<5ms'],
    [['--rate', 'fast'], 'number'],
    [['--target', 'gopher://x'], 'gopher'],
    [['--duration', '1ms'], 'duration'],
  ])('refuses %j', async (args, said) => {
    const { code, err } = await load(args);
    expect(err).toContain(said);
    expect([code, err.split(':')[0]]).toEqual([2, 'bad-usage']);
  });

  test('leaves other machines alone unless told', async () => {
    const { code, err } = await load(['--target', 'http://192.0.2.1/', '--duration', '1s']);
    expect([code, err]).toEqual([1, expect.stringContaining('remote-target')]);
  });

  test('needs a panel to load its cluster', async () => {
    const { code, err } = await load(['--target', 'sync']);
    expect([code, err]).toEqual([1, expect.stringContaining('panel-absent')]);
  });
});
