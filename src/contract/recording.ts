/**
 * A recording: what a panel told its window during a run, to be played without any engine. A file of it
 * (`.orrery`) is lines of JSON packed with gzip: a head, then items in the order of their time. It holds the
 * journal from the run's beginning, since what the window shows is a fold of it.
 */
import { z } from 'zod';
import { OrreryError } from '../../containers/protocol/errors.ts';
import type { JournalEvent } from '../core/journal.ts';
import type { CallMethod, NodeUsage, SamplePush } from './contract.ts';

export type RecordedItem = { atMs: number } & (
  { events: JournalEvent[] } | { samples: SamplePush[] } | { usage: NodeUsage[] }
);

export type Recording = {
  name: string;
  startedAtMs: number;
  endedAtMs: number;
  /** What was answered at its end, for pages that ask. */
  answers: Partial<Record<CallMethod, unknown>>;
  items: RecordedItem[];
};

const VERSION = 1;
/** Unpacked; a larger one would be no pleasure in a window. */
export const RECORDING_BYTES_MAX = 64 * 1_048_576;

const wallMs = z.number().min(0);
const head = z.object({
  orrery: z.literal('recording'),
  version: z.number().int(),
  name: z.string().max(200),
  startedAtMs: wallMs,
  endedAtMs: wallMs,
  answers: z.record(z.string(), z.unknown()),
});
/** What a window folds without looking closer has to have this much shape. */
const item = z.union([
  z.object({
    atMs: wallMs,
    events: z.array(z.looseObject({ seq: z.number(), atMs: wallMs, body: z.looseObject({ type: z.string() }) })),
  }),
  z.object({
    atMs: wallMs,
    samples: z.array(
      z.looseObject({
        monitor: z.enum(['master', 'headnode']),
        sample: z.looseObject({
          beats: z.array(z.unknown()),
          suspicions: z.array(z.unknown()),
          edges: z.array(z.unknown()),
        }),
      }),
    ),
  }),
  z.object({ atMs: wallMs, usage: z.array(z.looseObject({ node: z.string() })) }),
]);

/** The lines of a recording, not packed yet. */
export function writeRecording({ items, ...rest }: Recording): string {
  return [{ orrery: 'recording', version: VERSION, ...rest }, ...items].map((line) => JSON.stringify(line)).join('\n');
}

/** Reads the lines. Throws bad-recording for what is none, or one of a newer Orrery. */
export function readRecording(text: string): Recording {
  const [first = '', ...rest] = text.split('\n').filter((line) => line !== '');
  try {
    const { version, name, startedAtMs, endedAtMs, answers } = head.parse(JSON.parse(first));
    if (version > VERSION) throw new OrreryError('bad-recording', { reason: 'a newer Orrery made it' });
    const items = rest.map((line) => item.parse(JSON.parse(line)) as unknown as RecordedItem);
    return { name, startedAtMs, endedAtMs, answers, items };
  } catch (thrown) {
    if (thrown instanceof OrreryError) throw thrown;
    throw new OrreryError('bad-recording', { reason: 'it is no recording, or it is damaged' }, { cause: thrown });
  }
}

/** All events up to a moment. */
export function eventsUntil({ items }: Recording, atMs: number): JournalEvent[] {
  return items.flatMap((one) => ('events' in one && one.atMs <= atMs ? one.events : []));
}
