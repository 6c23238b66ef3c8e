/** The log that the courses ask for, in its line format, from the steps of their programs. */
import type { GuestStep } from '../../../containers/protocol/guests.ts';

export const COURSE_LOG_FILE = 'course.log';

/** dd/mm/yyyy, HH:MM:SS */
const FORMAT = {
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
} as const;

/** Steps as the journal has them; `dropped` are missing before them. */
type Steps = { steps: readonly GuestStep[]; dropped: number };

/**
 * One line a step, oldest first: heartbeats as the course writes them (`[dd/mm/yyyy, HH:MM:SS] Alive <port>`,
 * `Dead <port>`), connections, registrations, and where each message was stored. Where steps were too many
 * to be kept, a line says how many are missing. Times are those of the master and the headnode, in `timeZone`
 * (IANA name; absent: that of this machine).
 */
export function courseLog(all: readonly Steps[], timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { ...FORMAT, timeZone });
  const line = (atMs: number, words: string): string => `[${format.format(atMs)}] ${words}\n`;
  return all
    .flatMap(({ steps, dropped }) => [
      ...(dropped > 0 && steps[0] !== undefined ? [line(steps[0].atMs, `Missing ${dropped}`)] : []),
      ...steps.map((step) => {
        const words = wordsOf(step);
        return words === null ? '' : line(step.atMs, words);
      }),
    ])
    .join('');
}

function wordsOf(step: GuestStep): string | null {
  if (step.guest === 'socket') return wordsOfSocket(step);
  if (step.guest !== 'webhook') return null;
  if (step.step === 'register' && step.ok) return `Registered ${step.node} ${step.peer}`;
  return step.step === 'forgotten' ? `Forgotten ${step.node} ${step.peer}` : null;
}

function wordsOfSocket({ step, ok, peer, record, storedAt, replicas = [] }: GuestStep): string | null {
  const port = peer.slice(peer.lastIndexOf(':') + 1);
  switch (step) {
    case 'heartbeat':
      return `${ok ? 'Alive' : 'Dead'} ${port}`;
    case 'left':
      return `Dead ${port}`;
    case 'connected':
      return ok ? `Connected ${peer}` : null;
    case 'joined':
      return `Registered ${peer}`;
    case 'closed':
      return `Disconnected ${peer}`;
    case 'stored':
      return ok ? `Stored ${record} of ${peer} at ${storedAt} (${replicas.join(', ')})` : null;
    default:
      return null;
  }
}
