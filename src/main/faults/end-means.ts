/** Kill, stop and restart: what happens at once, by engine and supervisor. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { FaultSpec, Measure } from '../../core/faults/fault.ts';
import type { JournalEvent } from '../../core/journal.ts';
import { endNodes } from '../cluster/node-requests.ts';
import type { FaultMeans, MeansWorld } from './fault-means.ts';

type EndSpec = Extract<FaultSpec, { kind: 'kill' | 'stop' | 'restart' }>;

const INTENTS = { kill: 'killed', stop: 'stopped', restart: 'restarting' } as const;
const UP_AGAIN_LIMIT_MS = 60_000;

export function endMeans(spec: EndSpec, { session, journal, clock, actor }: MeansWorld): FaultMeans {
  const nodes = [...new Set(spec.nodes)];
  const exits = new Map<string, { tookMs: number; exitCode: number }>();
  const upAgainMs = new Map<string, number>();
  let askedMs = 0;

  async function end(): Promise<void> {
    const outcomes = await endNodes({ session, journal, actor }, nodes, INTENTS[spec.kind]);
    const failed = outcomes.find(({ ok }) => !ok);
    if (failed !== undefined) throw new OrreryError('engine-failed', { reason: failed.error ?? failed.node });
  }

  return {
    before: () => Promise.resolve([]),
    async apply() {
      askedMs = clock.monotonicMs();
      const up = Promise.withResolvers<void>();
      const forget = journal.onEvent(({ body }: JournalEvent) => {
        if (body.type === 'node-exited' && nodes.includes(body.node))
          exits.set(body.node, { tookMs: clock.monotonicMs() - askedMs, exitCode: body.exitCode });
        if (body.type === 'node-ready' && exits.has(body.node)) upAgainMs.set(body.node, clock.monotonicMs() - askedMs);
        if (nodes.every((node) => upAgainMs.has(node))) up.resolve();
      });
      const timer = setTimeout(() => up.resolve(), UP_AGAIN_LIMIT_MS);
      try {
        await end();
        if (spec.kind === 'restart') await up.promise;
      } finally {
        clearTimeout(timer);
        forget();
      }
    },
    during() {
      const measures = nodes.flatMap((node): Measure[] => {
        const exit = exits.get(node);
        const ended: Measure[] = [
          { subject: node, quantity: 'down-ms', asked: null, found: exit?.tookMs ?? null, ok: exit !== undefined },
          {
            subject: node,
            quantity: 'exit',
            asked: spec.kind === 'kill' ? 137 : 0,
            found: exit?.exitCode ?? null,
            ok: null,
          },
        ];
        if (spec.kind !== 'restart') return ended;
        const upMs = upAgainMs.get(node);
        return [
          ...ended,
          { subject: node, quantity: 'up-ms', asked: null, found: upMs ?? null, ok: upMs !== undefined },
        ];
      });
      return Promise.resolve(measures);
    },
    whole: () => Promise.resolve([]),
    lift: () => Promise.resolve(),
    after: () => Promise.resolve([]),
  };
}
