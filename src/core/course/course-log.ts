/** The logs that the sockets course asks for, in its line format, from the steps of its programs. */
import type { GuestStep } from '../../../containers/protocol/guests.ts';

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

/**
 * One line a step of a socket, oldest first: heartbeats as the course writes them
 * (`[dd/mm/yyyy, HH:MM:SS] Alive <port>`, `Dead <port>`), connections, and where each message was stored.
 * Times are those of the headnode, in `timeZone` (IANA name; absent: that of this machine).
 */
export function courseLog(steps: readonly GuestStep[], timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { ...FORMAT, timeZone });
  const lines = steps.flatMap((step) => {
    const words = step.guest === 'socket' ? wordsOf(step) : null;
    return words === null ? [] : [`[${format.format(step.atMs)}] ${words}\n`];
  });
  return lines.join('');
}

function wordsOf({ step, ok, peer, record, storedAt, replicas = [] }: GuestStep): string | null {
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
