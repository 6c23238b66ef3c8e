/** Pause by the engine: the processes of a node freeze, its connections stay open. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultSpec, Measure } from '../../core/faults/fault.ts';
import type { FaultMeans, MeansWorld } from './fault-means.ts';

type PauseSpec = Extract<FaultSpec, { kind: 'pause' }>;

/** Silence over several heartbeats shows that there are none. */
const SILENCE_MS = 2_500;
/** What was sent just before the pause still arrives. */
const UNDER_WAY_MS = 100;
const HEARD_AGAIN_LIMIT_MS = 10_000;

export function pauseMeans(fault: string, spec: PauseSpec, world: MeansWorld): FaultMeans {
  const { session, home, beats, leases, clock } = world;
  const { engine } = session;
  const refs = [...new Set(spec.nodes)].map((node) => session.ref(node));
  /** Null when an earlier panel paused it. */
  let pausedAtMs: number | null = null;
  let resumedAtMs = clock.nowMs();
  const silenceMs = Math.min(SILENCE_MS, spec.forMs / 2);

  const beatsOf = (fromMs: number, toMs: number, asked: 0 | null): Measure[] =>
    refs.map(({ node }) => {
      const found = beats.count(node, fromMs, toMs);
      return {
        subject: node,
        quantity: 'beats',
        asked,
        found,
        ok: asked === null ? null : found === asked,
        overMs: toMs - fromMs,
      };
    });

  async function frozen(asked: 0 | 1): Promise<Measure[]> {
    const list = await engine.list();
    return refs.map(({ node, run }) => {
      const state = list.find((known) => known.run === run && known.node === node)?.state;
      const found = state === 'paused' ? 1 : 0;
      // One that ended meanwhile is not frozen; that is no fault of the pause.
      return { subject: node, quantity: 'frozen', asked, found, ok: found === asked || state === 'exited' };
    });
  }

  return {
    before: () => Promise.resolve(beatsOf(clock.nowMs() - silenceMs, clock.nowMs(), null)),
    async apply(endsAtMs) {
      if (engine.kind !== 'fake') await leases.hold(fault, { engine: engine.kind, home, nodes: refs, endsAtMs });
      pausedAtMs = clock.nowMs();
      await Promise.all(refs.map((ref) => engine.pause(ref)));
    },
    async during() {
      const seen = await frozen(1);
      const fromMs = clock.nowMs() + UNDER_WAY_MS;
      await delay(silenceMs + UNDER_WAY_MS);
      return [...seen, ...beatsOf(fromMs, fromMs + silenceMs, 0)];
    },
    async whole() {
      // What came while no panel listened is not known.
      if (pausedAtMs === null)
        return refs.map(({ node }) => ({ subject: node, quantity: 'beats', asked: 0, found: null, ok: null }));
      return beatsOf(pausedAtMs + UNDER_WAY_MS, clock.nowMs(), 0);
    },
    async lift() {
      const list = await engine.list();
      const isPaused = (ref: (typeof refs)[number]) =>
        list.some(({ run, node, state }) => run === ref.run && node === ref.node && state === 'paused');
      await Promise.all(refs.filter(isPaused).map((ref) => engine.unpause(ref)));
      leases.release(fault);
      resumedAtMs = clock.nowMs();
    },
    async after() {
      const seen = await frozen(0);
      const live = refs.filter(({ node }) => seen.some(({ subject, found }) => subject === node && found === 0));
      await beats.heard(
        live.map(({ node }) => node),
        resumedAtMs,
        HEARD_AGAIN_LIMIT_MS,
      );
      return [...seen, ...beatsOf(resumedAtMs, clock.nowMs(), null)];
    },
  };
}
