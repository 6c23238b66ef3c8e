import { describe, expect, test } from 'vitest';
import { ManualClock } from '../kit/manual-clock.ts';
import { OrreryError } from '../protocol/errors.ts';
import { OpenRequests } from './open-requests.ts';

function desk() {
  const clock = new ManualClock();
  const late: number[] = [];
  const heard: string[] = [];
  const requests = new OpenRequests(clock, (request) => late.push(request));
  const ask = (name: string): number =>
    requests.open({
      answered: ({ kind }) => heard.push(`${name} ${kind}`),
      failed: ({ code }) => heard.push(`${name} ${code}`),
    });
  return { clock, late, heard, requests, ask };
}

describe('open requests', () => {
  test('are told when their time is up, in whatever order the limits came', () => {
    const { clock, late, requests, ask } = desk();
    const [slow, quick, never] = [ask('slow'), ask('quick'), ask('never')];
    requests.limit(slow, 5_000);
    requests.limit(quick, 250);
    clock.advance(249);
    expect(late).toEqual([]);
    clock.advance(1);
    expect(late).toEqual([quick]);
    clock.advance(4_750);
    expect(late).toEqual([quick, slow]);
    requests.answer(never, { kind: 'set' });
    clock.advance(60_000);
    expect(late).toEqual([quick, slow]);
  });

  test('that were answered or dropped are late no more; the others still are', () => {
    const { clock, late, heard, requests, ask } = desk();
    const [answered, dropped, open] = [ask('a'), ask('b'), ask('c')];
    for (const request of [answered, dropped, open]) requests.limit(request, 100 + request);
    requests.answer(answered, { kind: 'set' });
    expect(requests.drop(dropped)).toBe(true);
    expect(requests.drop(dropped)).toBe(false);
    requests.answer(dropped, { kind: 'set' });
    clock.advance(1_000);
    expect(late).toEqual([open]);
    expect(heard).toEqual(['a set']);
  });

  test('all hear of a failure', () => {
    const { clock, late, heard, requests, ask } = desk();
    requests.limit(ask('a'), 100);
    ask('b');
    requests.failAll(new OrreryError('disk-full', { node: 'master' }));
    clock.advance(1_000);
    expect(heard).toEqual(['a disk-full', 'b disk-full']);
    expect(late).toEqual([]);
  });
});
