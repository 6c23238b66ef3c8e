/**
 * Nodes for the fake engine that behave as far as the panel can see: master and headnode serve their
 * stream and control endpoints on real sockets, workers and datanodes join them. For tests.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestStep } from '../../../containers/protocol/guests.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import { SAMPLE_INTERVAL_MS } from '../../../containers/protocol/stream.ts';
import type { Health, Member, MonitorEvent, StreamLine } from '../../../containers/protocol/stream.ts';
import { PROTOCOL_VERSION } from '../../../containers/protocol/version.ts';
import { createFakeEngine, type FakeEngine, type FakeNode } from '../engine/fake-engine.ts';
import type { Monitor } from '../../core/node-names.ts';

const SAMPLE_EVERY_MS = 50;

type FakeMonitor = { server: Server; streams: Set<ServerResponse>; incarnation: number; members: Map<string, Member> };

export class FakeCluster {
  readonly engine: FakeEngine;
  /** Nodes that start and never register. */
  readonly silent = new Set<string>();
  /** Control calls as they came, e.g. `exited worker-1`, `drain worker-2`. */
  readonly controls: string[] = [];
  /** What programs of students did; the next sample of the headnode tells and empties it. */
  readonly guestSteps: GuestStep[] = [];
  /** Whether a drain is refused (its monitor is busy). */
  refuseDrains = false;
  readonly #monitors = new Map<Monitor, FakeMonitor>();
  readonly #lives = new Map<string, { role: Role; incarnation: number }>();
  readonly #beats: boolean;
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[];
  #incarnations = Date.now();
  #clock = 0;

  /** `beats`: members beat once a second and samples come as often as real ones. */
  constructor(options: { launchMs?: number; beats?: boolean } = {}) {
    this.#beats = options.beats ?? false;
    this.engine = createFakeEngine({ ...options, program: (node) => this.#started(node) });
    this.#loops = [this.#followEngine(), this.#sample()];
  }

  /** Lets a monitor say something. */
  say(monitor: Monitor, event: MonitorEvent): void {
    const millis = Date.now().toString(16).padStart(12, '0');
    const hlc = `${millis}${(++this.#clock).toString(16).padStart(4, '0')}@${monitor}`;
    this.#write(monitor, { kind: 'event', hlc, atMs: Date.now(), event });
  }

  /** Breaks the streams without ending the monitor. */
  cut(monitor: Monitor): void {
    for (const stream of this.#monitors.get(monitor)?.streams ?? []) stream.destroy();
  }

  /** The master lets go of a worker by itself, as its autoscaler does. */
  leave(worker: string): void {
    const known = this.#monitors.get('master');
    if (known !== undefined) this.#health(known, 'master', worker, 'left');
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
    for (const monitor of this.#monitors.keys()) await this.#ended(monitor);
  }

  #started({ spec }: FakeNode): void {
    const incarnation = ++this.#incarnations;
    this.#lives.set(spec.node, { role: spec.role, incarnation });
    if (spec.role === 'master' || spec.role === 'headnode') this.#serve(spec.role, spec.publishHttp ?? 0, incarnation);
    else this.#join(spec.node, spec.role, incarnation);
  }

  #join(node: string, role: Role, incarnation: number): void {
    const monitor = role === 'worker' ? 'master' : 'headnode';
    const known = this.#monitors.get(monitor);
    if (known === undefined || this.silent.has(node)) return;
    known.members.set(node, { node, role, incarnation, health: 'ready', sinceMs: Date.now(), inFlight: 0 });
    this.say(monitor, { type: 'member-joined', node, role, incarnation });
    this.say(monitor, { type: 'member-ready', node, incarnation });
  }

  #write(monitor: Monitor, line: StreamLine): void {
    for (const stream of this.#monitors.get(monitor)?.streams ?? []) stream.write(`${JSON.stringify(line)}\n`);
  }

  #serve(monitor: Monitor, port: number, incarnation: number): void {
    const server = createServer((request, response) => this.#answer(monitor, request, response));
    this.#monitors.set(monitor, { server, streams: new Set(), incarnation, members: new Map() });
    server.listen(port, '127.0.0.1', () => {
      const watched = monitor === 'master' ? 'worker' : 'datanode';
      for (const [node, live] of this.#lives) if (live.role === watched) this.#join(node, live.role, live.incarnation);
    });
  }

  #answer(monitor: Monitor, request: IncomingMessage, response: ServerResponse): void {
    const known = this.#monitors.get(monitor);
    if (known === undefined) return void response.writeHead(503).end();
    if (request.url === '/stream') return this.#stream(monitor, known, response);
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => this.#control(monitor, known, request.url ?? '', text, response));
  }

  #stream(monitor: Monitor, known: FakeMonitor, response: ServerResponse): void {
    const atMs = Date.now();
    const { incarnation, members } = known;
    const lines: StreamLine[] = [
      { kind: 'hello', node: monitor, role: monitor, incarnation, protocol: PROTOCOL_VERSION, atMs },
      { kind: 'picture', members: [...members.values()], views: [] },
    ];
    response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    known.streams.add(response);
    response.on('close', () => known.streams.delete(response));
  }

  #control(monitor: Monitor, known: FakeMonitor, url: string, text: string, response: ServerResponse): void {
    const body = text === '' ? {} : (JSON.parse(text) as { node?: string; type?: string; payload?: string });
    const node = body.node ?? '';
    if (url === '/control/engine-event') {
      this.controls.push(`${body.type} ${node}`);
      response.writeHead(204).end();
      if (body.type === 'exited') this.#health(known, monitor, node, 'dead');
    } else if (url === '/control/drain') {
      this.controls.push(`drain ${node}`);
      response.writeHead(this.refuseDrains ? 503 : 202).end();
      if (!this.refuseDrains) this.#health(known, monitor, node, 'left');
    } else if (url === '/control/autoscaler' || url === '/control/orders') {
      this.controls.push(`${url} ${text}`);
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
    } else if (url.startsWith('/submit-task')) {
      const task = { status: 'done', result: `answer to ${body.payload}`, assigned_to: 'worker-1' };
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(task));
    } else response.writeHead(404).end();
  }

  #health(known: FakeMonitor, monitor: Monitor, node: string, next: Health): void {
    const member = known.members.get(node);
    if (member === undefined) return;
    member.health = next;
    const { incarnation } = member;
    if (next === 'left') this.say(monitor, { type: 'member-left', node, incarnation });
    else this.say(monitor, { type: 'member-dead', node, incarnation, cause: 'engine', phi: 0, silentMs: 0 });
  }

  async #ended(monitor: Monitor): Promise<void> {
    const known = this.#monitors.get(monitor);
    this.#monitors.delete(monitor);
    known?.server.closeAllConnections();
    await new Promise<void>((resolve) => (known === undefined ? resolve() : known.server.close(() => resolve())));
  }

  /** The engine ends containers; their sockets close with them. */
  async #followEngine(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        for await (const event of this.engine.events(signal)) {
          if (event.type !== 'exited') continue;
          this.#lives.delete(event.node);
          if (event.role === 'master' || event.role === 'headnode') await this.#ended(event.role);
        }
      } catch {
        await delay(10);
      }
    }
  }

  async #sample(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const intervalMs = this.#beats ? SAMPLE_INTERVAL_MS : SAMPLE_EVERY_MS;
      await delay(intervalMs);
      const nothing = { beats: [], suspicions: [], edges: [], latencies: [], traces: [], gauges: {} };
      for (const [monitor, { members }] of this.#monitors) {
        const told = {
          ...(this.#beats && beatsOf([...members.values()])),
          ...(monitor === 'headnode' && { guestSteps: { steps: this.guestSteps.splice(0), dropped: 0 } }),
        };
        this.#write(monitor, { kind: 'sample', sample: { atMs: Date.now(), intervalMs, ...nothing, ...told } });
      }
    }
  }
}

/** A quarter of the members beats in each sample; all are judged in each. */
function beatsOf(members: readonly Member[]) {
  const atMs = Date.now();
  const turn = Math.floor(atMs / SAMPLE_INTERVAL_MS);
  const beats = members
    .filter((_, at) => (at + turn) % 4 === 0)
    .map(({ node, incarnation }) => ({
      node,
      incarnation,
      seq: turn,
      atMs,
      gapMs: 1_000,
      inFlight: 0,
      eventLoopLagMs: 0.5,
      rssBytes: 2e7,
    }));
  const judged = { phiRoute: 0.3, phiDead: 0.1, lastBeatAgoMs: 400, meanMs: 1_000, sigmaMs: 200 };
  return { beats, suspicions: members.map(({ node }) => ({ node, ...judged })) };
}
