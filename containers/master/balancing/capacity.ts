/** How fast the workers get through what waits. */
import { takesWork } from '../membership.ts';
import type { Members } from '../membership.ts';

/** Tasks a millisecond that the workers take, by their response times; null while none has answered. */
export function serviceRate(members: Members): number | null {
  let perMs = 0;
  let known = 0;
  let taking = 0;
  for (const member of members.values()) {
    if (!takesWork(member)) continue;
    taking++;
    const { ewmaMs } = member.record;
    if (ewmaMs === null) continue;
    known++;
    perMs += member.capacity / Math.max(0.01, ewmaMs);
  }
  // Those that have not answered yet count as the others do.
  return known === 0 ? null : (perMs * taking) / known;
}
