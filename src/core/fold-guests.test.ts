import { expect, test } from 'vitest';
import type { MonitorEvent } from '../../containers/protocol/stream.ts';
import { EMPTY_PICTURE } from './cluster-picture.ts';
import { foldAll } from './fold.ts';
import type { JournalBody, JournalEvent } from './journal.ts';

const bodies = (...all: JournalBody[]): JournalEvent[] =>
  all.map((body, at) => ({ seq: at + 1, hlc: '', atMs: at + 1, body }));
const says = (event: MonitorEvent, monitor: 'master' | 'headnode' = 'master'): JournalBody => ({
  type: 'monitor-event',
  monitor,
  hlc: '',
  event,
});
const shown = (...all: JournalBody[]) =>
  foldAll(bodies(...all), EMPTY_PICTURE).guests.map(({ node, state, guest }) => [node, state, guest]);

const node = 'slave-1a2b3c4d';
const joined = says({ type: 'member-joined', node, role: 'worker', incarnation: 5, guest: 'webhook' });
const ready = says({ type: 'member-ready', node, incarnation: 5 });
const dead = says({ type: 'member-dead', node, incarnation: 5, cause: 'health-check', phi: 0, silentMs: 1 });
const left = says({ type: 'member-left', node, incarnation: 5 });

test('a guest comes, is ready, dies, comes again, and leaves', () => {
  const again = says({ type: 'member-joined', node, role: 'worker', incarnation: 9, guest: 'webhook' });
  expect(shown(joined)).toEqual([[node, 'starting', 'webhook']]);
  expect(shown(joined, ready)).toEqual([[node, 'ready', 'webhook']]);
  expect(shown(joined, ready, dead)).toEqual([[node, 'dead', 'webhook']]);
  expect(shown(joined, ready, dead, ready)).toEqual([[node, 'dead', 'webhook']]);
  expect(shown(joined, ready, dead, again)).toEqual([[node, 'starting', 'webhook']]);
  expect(shown(joined, ready, left)).toEqual([]);
});

test('a monitor’s picture has all of its guests, and none of the other’s', () => {
  const socket = says(
    { type: 'member-joined', node: 'socket-1', role: 'datanode', incarnation: 1, guest: 'socket' },
    'headnode',
  );
  const picture: JournalBody = {
    type: 'monitor-picture',
    monitor: 'master',
    members: [
      { node: 'worker-1', health: 'ready', incarnation: 1 },
      { node: 'pull-w1', health: 'ready', incarnation: 1, role: 'worker', guest: 'pulling' },
    ],
    views: [],
  };
  expect(shown(joined, socket, picture)).toEqual([
    ['pull-w1', 'ready', 'pulling'],
    ['socket-1', 'starting', 'socket'],
  ]);
});

test('they are no nodes, and are gone with the cluster', () => {
  const stopped: JournalBody = { type: 'cluster-stopped', left: { nodes: 0, networks: 0, volumes: 0 } };
  expect(foldAll(bodies(joined, ready), EMPTY_PICTURE).nodes).toEqual([]);
  expect(shown(joined, ready, stopped)).toEqual([]);
});
