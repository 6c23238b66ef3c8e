/** What a node does about faults when it is ordered to: rules in its shim, and measurements of what they do. */
import type { FaultAnswer, FaultOrder, FaultRequest, PingReport, RuleReport } from '../protocol/control.ts';
import { exhaustive } from '../protocol/step.ts';
import { PING } from './connection.ts';
import type { FaultShim, RuleState } from './fault-shim.ts';
import type { Clock, Disk } from './ports.ts';

/** As much as a small record with its entry. */
const SYNCED_BYTES = 1_024;

export type FaultHand = { perform(order: FaultOrder): Promise<FaultAnswer> };

/** `folder`: where the node keeps its data; null when it keeps none. */
export function createFaultHand(options: {
  shim: FaultShim;
  clock: Clock;
  disk: Disk;
  folder: string | null;
}): FaultHand {
  const { shim, clock, disk, folder } = options;
  const nothing: FaultAnswer = { rules: [], past: [], heard: [], pings: [], syncsMs: [] };
  const report = (state: RuleState): RuleReport => reportOf(state, clock.monotonicMs());
  const listed = (): FaultAnswer => ({
    ...nothing,
    rules: shim.active().map(report),
    past: shim.past().map(report),
    heard: [...shim.connections.heard].map(([peer, pings]) => ({ peer, pings })),
  });
  return {
    async perform(order) {
      switch (order.do) {
        case 'set':
          for (const rule of order.rules) shim.set(ruleOf(rule, clock.monotonicMs()));
          return listed();
        case 'heal':
          shim.heal(order.fault);
          return listed();
        case 'list':
          return listed();
        case 'ping':
          return { ...nothing, pings: await Promise.all(order.peers.map((peer) => ping(peer, order, shim, clock))) };
        case 'sync':
          return { ...nothing, syncsMs: folder === null ? [] : await syncs(order.count, folder, disk, clock) };
        default:
          return exhaustive(order);
      }
    },
  };
}

function ruleOf({ forMs, ...rule }: FaultRequest, nowMs: number) {
  return { ...rule, endsAtMs: nowMs + forMs };
}

function reportOf({ rule: { endsAtMs, ...rule }, counts }: RuleState, nowMs: number): RuleReport {
  return { ...rule, leftMs: Math.max(0, endsAtMs - nowMs), in: { ...counts.in }, out: { ...counts.out } };
}

/** Sends so many pings at an even pace, each over whatever connection is open then. */
async function ping(
  peer: string,
  { count, spacingMs, timeoutMs }: Extract<FaultOrder, { do: 'ping' }>,
  shim: FaultShim,
  clock: Clock,
): Promise<PingReport> {
  const found: PingReport = { peer, connected: false, sent: 0, roundTripsMs: [] };
  const answers: Promise<unknown>[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    if (sent > 0) await new Promise<void>((resolve) => clock.after(spacingMs, resolve));
    const connection = shim.connections.to(peer);
    if (connection === null) continue;
    found.connected = true;
    found.sent += 1;
    const fromMs = clock.monotonicMs();
    answers.push(
      connection.request({ t: PING }, { timeoutMs }).then(
        () => found.roundTripsMs.push(clock.monotonicMs() - fromMs),
        // Lost: that is what is measured.
        () => null,
      ),
    );
  }
  await Promise.all(answers);
  return found;
}

/** How long it takes until a small write is durable, so many times, on the disk that the node uses. */
async function syncs(count: number, folder: string, disk: Disk, clock: Clock): Promise<number[]> {
  const path = `${folder}/sync-measure`;
  const file = await disk.openForAppend(path);
  const tookMs: number[] = [];
  try {
    for (let done = 0; done < count; done += 1) {
      const fromMs = clock.monotonicMs();
      await file.write(new Uint8Array(SYNCED_BYTES));
      await file.sync();
      tookMs.push(clock.monotonicMs() - fromMs);
    }
  } finally {
    await file.close();
    await disk.remove(path);
  }
  return tookMs;
}
