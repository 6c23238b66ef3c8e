import { expect, test } from 'vitest';
import { EMPTY_PICTURE } from '../../core/cluster-picture.ts';
import { desiredNode, initialDesired } from '../../core/desired.ts';
import { fold } from '../../core/fold.ts';
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import type { EngineNode } from '../engine/engine.ts';
import { ClusterState } from './cluster-state.ts';
import { Observer } from './observer.ts';

const header = { cluster: 'c', run: 'r', name: null };
const worker: EngineNode = {
  cluster: 'c',
  run: 'r',
  node: 'worker-1',
  role: 'worker',
  state: 'exited',
  exitCode: 0,
  startedAtMs: 1,
  publishedHttp: null,
};

/** A worker that was stopped and is launched again. */
function relaunched() {
  const desired = initialDesired({ worker: 1, datanode: 0 });
  const file = { ...header, secret: '', engine: 'fake' as const, running: true, coursePorts: [], desired };
  const files = { all: () => [], save: () => undefined, drop: () => undefined };
  const state = new ClusterState({ ...file, ports: { master: 1, headnode: 2 } }, files);
  let picture = EMPTY_PICTURE;
  const record = (body: JournalBody): JournalEvent => {
    const event = { seq: picture.seq + 1, hlc: '', atMs: 2, body };
    picture = fold(picture, event);
    return event;
  };
  record({ type: 'cluster-starting', ...header, engine: 'fake', engineTitle: '', adopted: false });
  for (const type of ['node-wanted', 'node-launched'] as const)
    record({ type, node: 'worker-1', role: 'worker', by: 'user' });
  const journal = { picture: () => picture, record };
  const observer = new Observer(state, journal, { nowMs: () => 1, monotonicMs: () => 1 });
  const word = () => picture.nodes[0]?.engineWord;
  const intent = () => desiredNode(state.desired, 'worker-1')?.intent;
  return { observer, word, intent };
}

test('a list that was asked for before a launch was done says nothing about it', () => {
  const { observer, word, intent } = relaunched();
  const mark = observer.listMark();
  // The event that tells of the start is still under way.
  observer.acted('worker-1');
  observer.engineList([worker], mark, false);
  expect([word(), intent()]).toEqual(['launched', 'running']);
  // One that was asked for since does.
  observer.engineList([worker], observer.listMark(), false);
  expect([word(), intent()]).toEqual(['exited', 'killed']);
});
