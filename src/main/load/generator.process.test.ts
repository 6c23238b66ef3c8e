import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { completePlan, type LoadPlan } from '../../core/load/load-plan.ts';
import type { LoadSecond } from '../../core/load/load-second.ts';
import { summarise } from '../../core/load/load-summary.ts';
import { startGenerator, type Generator, type GeneratorProgress } from './generator.ts';
import { wireTarget } from './target-requests.ts';

const servers: (http.Server | net.Server)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if (server instanceof http.Server) server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(server: http.Server | net.Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const serve = (handle: http.RequestListener) => listen(http.createServer(handle));

async function run(
  url: string,
  given: Partial<LoadPlan>,
  during: (generator: Generator, progress: () => GeneratorProgress | null) => void = () => undefined,
) {
  const plan = completePlan({
    seed: 'real',
    warmupMs: 0,
    target: { kind: 'http', method: 'GET', url, headers: {}, body: null },
    ...given,
  });
  const rows = new Map<number, LoadSecond>();
  let progress: GeneratorProgress | null = null;
  const generator = await startGenerator({
    plan,
    target: wireTarget(plan.target, null),
    onReport(report) {
      progress = report.progress;
      for (const row of report.seconds) rows.set(row.second, { ...row, atMs: 0, ready: null });
    },
  });
  during(generator, () => progress);
  const { cpuS } = await generator.finished;
  return { plan, cpuS, summary: summarise(plan, [...rows.values()]) };
}
const constant = (rate: number): LoadPlan['loop'] => ({ kind: 'open', rate, shape: { kind: 'constant' } });

describe('generator', () => {
  test('sends everything that is due, over connections that are used again', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    const { summary, cpuS } = await run(url, { loop: constant(200), durationMs: 2_000 });
    expect(summary).toMatchObject({ offered: 400, sent: 400, ok: 400, failed: 0, notSent: 0 });
    expect(ports.size).toBeLessThan(100);
    expect(cpuS).toBeGreaterThan(0);
  });

  test('shows a stall of the server in full, where waiting for each answer shows next to nothing', async () => {
    const begin = performance.now();
    const held: http.ServerResponse[] = [];
    // Stands still from 500 ms to 1,500 ms: what comes then is answered at its end.
    const stalled = () => performance.now() - begin > 500 && performance.now() - begin < 1_500;
    const url = await serve((_, response) => {
      if (!stalled()) return response.end('ok');
      if (held.push(response) === 1)
        setTimeout(() => held.splice(0).forEach((one) => one.end('ok')), 1_500 - (performance.now() - begin));
    });
    const { summary } = await run(url, { loop: constant(100), durationMs: 4_000 });
    expect(summary).toMatchObject({ offered: 400, ok: 400 });
    // A quarter of all requests met the stall, evenly between 0 and 1 s.
    expect(summary.intended.p90Ms).toBeGreaterThan(400);
    expect(summary.intended.p90Ms).toBeLessThan(850);
    expect(summary.naive.p95Ms).toBeLessThan(400);
    expect(summary.naiveCorrected.p90Ms).toBeGreaterThan(400);
  });

  test('counts refusals, timeouts, statuses and broken connections by kind', async () => {
    const url = await serve((_, response) => response.writeHead(503).end());
    const refused = await run(url, { loop: constant(50), durationMs: 500 });
    expect(refused.summary.errors).toEqual({ 'status-503': 25 });
    const silent = await listen(net.createServer((socket) => void socket.resume()));
    expect((await run(silent, { loop: constant(50), durationMs: 500, timeoutMs: 200 })).summary).toMatchObject({
      ok: 0,
      failed: 25,
      errors: { timeout: 25 },
    });
    const rude = await listen(net.createServer((socket) => void socket.on('data', () => socket.destroy())));
    expect((await run(rude, { loop: constant(50), durationMs: 500 })).summary.errors).toEqual({ reset: 25 });
    const odd = await listen(
      net.createServer((socket) => void socket.on('data', () => socket.write('220 mail\r\n\r\n'))),
    );
    expect((await run(odd, { loop: constant(50), durationMs: 500 })).summary.errors).toEqual({ 'not-http': 25 });
    const gone = net.createServer();
    const nobody = await listen(gone);
    servers.splice(servers.indexOf(gone), 1);
    gone.close();
    await once(gone, 'close');
    expect((await run(nobody, { loop: constant(50), durationMs: 500 })).summary.errors).toEqual({ refused: 25 });
  });

  test('does not send more than may be under way, and says so', async () => {
    const url = await listen(net.createServer((socket) => void socket.resume()));
    const { summary } = await run(url, { loop: constant(100), durationMs: 1_000, inFlightMax: 10, timeoutMs: 5_000 });
    expect(summary).toMatchObject({ offered: 100, sent: 10, notSent: 90, verdict: 'invalid' });
  });

  test('sends a thousand in a row, one after the other', async () => {
    let under = 0;
    let most = 0;
    const url = await serve((_, response) => {
      most = Math.max(most, ++under);
      setImmediate(() => {
        under -= 1;
        response.end('ok');
      });
    });
    const loop = { kind: 'closed', users: 1, thinkMs: 0 } as const;
    const { summary } = await run(url, { loop, requestsMax: 1_000, durationMs: 60_000 });
    expect(summary).toMatchObject({ sent: 1_000, ok: 1_000 });
    expect(most).toBe(1);
  });

  test('stands still in a pause, and its schedule with it', async () => {
    const url = await serve((_, response) => response.end('ok'));
    const begin = performance.now();
    const { summary } = await run(url, { loop: constant(100), durationMs: 1_000 }, (generator) => {
      setTimeout(() => generator.pause(true), 300);
      setTimeout(() => generator.pause(false), 900);
    });
    expect(performance.now() - begin).toBeGreaterThan(1_500);
    expect(summary).toMatchObject({ offered: 100, ok: 100 });
    expect(summary.intended.p99Ms).toBeLessThan(500);
  });

  test('ends when it is stopped, without waiting for answers that do not come', async () => {
    const url = await listen(net.createServer((socket) => void socket.resume()));
    const { summary } = await run(url, { loop: constant(100), durationMs: 60_000 }, (generator) => {
      setTimeout(() => generator.stop(), 300);
    });
    expect(summary.sent).toBeLessThan(100);
    expect(summary.ok + summary.failed).toBe(0);
  });
});
