import { expect, test } from 'vitest';
import { foldAll } from '../../core/fold.ts';
import type { JournalBody, JournalEvent } from '../../core/journal.ts';
import { noticeOf } from './notices.ts';
import { sayIn } from './words.ts';

const say = sayIn('en', 'en');
const events = (...bodies: JournalBody[]): JournalEvent[] =>
  bodies.map((body, index) => ({ seq: index + 1, hlc: '', atMs: index, body }));

/** What is told of the last of these events. */
function told(...bodies: JournalBody[]) {
  const all = events(...bodies);
  const last = all.at(-1);
  return last ? noticeOf(last, foldAll(all), say) : null;
}

const wanted: JournalBody = { type: 'node-wanted', node: 'worker-1', role: 'worker', by: 'user' };
const exited: JournalBody = { type: 'node-exited', node: 'worker-1', cause: 'killed', exitCode: 137, atMs: 2 };

test('a node that ends unasked is told, one that was killed on purpose is not', () => {
  expect(told(wanted, exited)).toEqual({
    title: 'worker-1 ended: killed',
    body: 'Exit code 137. The window says what became of its work.',
  });
  expect(told(wanted, { type: 'node-kill-asked', node: 'worker-1', by: 'user' }, exited)).toBeNull();
  expect(told(wanted, { type: 'cluster-stopping', keepVolumes: false }, exited)).toBeNull();
  expect(told(exited)).toBeNull();
});

test('a lost engine is told, an everyday event is not', () => {
  expect(told({ type: 'engine-lost', reason: 'no answer' })).toMatchObject({ body: 'no answer' });
  expect(told(wanted)).toBeNull();
});
