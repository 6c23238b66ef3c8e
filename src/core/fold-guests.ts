/** Guests in the fold: members that their monitor tells of and no engine runs. */
import type { GuestKind } from '../../containers/protocol/guests.ts';
import type { Role } from '../../containers/protocol/roles.ts';
import type { Health, MonitorEvent } from '../../containers/protocol/stream.ts';
import type { NodePicture } from './cluster-picture.ts';
import { changed, healthIn, judged, wantedNode } from './fold-node.ts';
import type { JournalBody } from './journal.ts';
import { compareNodes, monitorOf } from './node-names.ts';

type Pictured = Extract<JournalBody, { type: 'monitor-picture' }>;
type Guest = { node: string; role: Role; guest: GuestKind; incarnation: number; health: Health };

/** The guests after an event of a monitor; the same list when it is about none of them. */
export function guestsAfter(guests: NodePicture[], event: MonitorEvent, atMs: number): NodePicture[] {
  if (event.type === 'member-joined') {
    const { guest, node, role, incarnation } = event;
    if (guest === undefined) return guests;
    const others = guests.filter((known) => known.node !== node);
    return [...others, newGuest({ node, role, incarnation, guest, health: 'joining' }, atMs)].sort(compareNodes);
  }
  const said = healthIn(event);
  const at = guests.findIndex(({ node }) => node === said?.node);
  const before = guests[at];
  if (said === null || before === undefined) return guests;
  if (said.health === 'left') return guests.toSpliced(at, 1);
  const after = judged(before, said.health, said.incarnation, atMs);
  return after === before ? guests : guests.with(at, after);
}

/** The guests as a monitor's picture has them; those of the other monitor stay. */
export function guestsPictured(guests: NodePicture[], { monitor, members }: Pictured, atMs: number): NodePicture[] {
  const others = guests.filter(({ role }) => monitorOf(role) !== monitor);
  const own = members.flatMap(({ node, role, guest, incarnation, health }): NodePicture[] => {
    if (guest === undefined || role === undefined || health === 'left') return [];
    const before = guests.find((known) => known.node === node && known.incarnation === incarnation);
    if (before !== undefined) return [judged(before, health, incarnation, atMs)];
    return [newGuest({ node, role, guest, incarnation, health }, atMs)];
  });
  if (own.length === 0 && others.length === guests.length) return guests;
  return [...others, ...own].sort(compareNodes);
}

/** As a node of ours that runs: only its monitor says how it is. */
function newGuest({ node, role, guest, incarnation, health }: Guest, atMs: number): NodePicture {
  const bare: NodePicture = { ...wantedNode(node, role, atMs), guest, engineWord: 'running', incarnation };
  const tombstone = { cause: 'silent', atMs, exitCode: null, by: null } as const;
  return changed(bare, { monitorWord: health, tombstone }, atMs);
}
