import { describe, expect, test } from 'vitest';
import type { JournalBody, JournalEvent } from '../../../core/journal.ts';
import { translate, type Translate } from '../messages/i18n.ts';
import { describeEvent } from './describe-event.ts';

const t: Translate = (key, values) => translate('en', key, values);
const told = (body: JournalBody) => describeEvent({ seq: 1, hlc: '1', atMs: 0, body } satisfies JournalEvent, t);

describe('what an event says', () => {
  test('a killed node is an error that leads to the node', () => {
    expect(told({ type: 'node-exited', node: 'worker-2', cause: 'killed', exitCode: 137, atMs: 0 })).toEqual({
      text: 'worker-2 killed, exit code 137',
      node: 'worker-2',
      request: null,
      tone: 'error',
    });
  });

  test('a node that was removed on purpose alarms nobody', () => {
    expect(told({ type: 'node-exited', node: 'worker-2', cause: 'removed', exitCode: 0, atMs: 0 })?.tone).toBe('plain');
  });

  test('what a monitor reports is told in its own words', () => {
    const event = { type: 'member-suspect', node: 'datanode-1', incarnation: 7, phi: 8.31, silentMs: 2_640 } as const;
    expect(told({ type: 'monitor-event', monitor: 'headnode', hlc: '1', event })).toMatchObject({
      text: 'datanode-1 suspect: silent 2.64 s, φ 8.3',
      tone: 'retry',
    });
  });

  test('a request leads to the request', () => {
    const request = {
      id: 'r1',
      kind: 'calculate',
      subject: '4 * (2 + 3)',
      outcome: 'ok',
      answer: '20',
      worker: 'worker-1',
      replicas: [],
      tookMs: 5.1,
      curl: '',
    } as const;
    expect(told({ type: 'request-sent', request: { ...request, replicas: [] } })).toMatchObject({
      text: '4 * (2 + 3): ok in 5.10 ms',
      request: 'r1',
      node: 'worker-1',
    });
  });

  test('a picture that repeats what is known says nothing', () => {
    expect(told({ type: 'monitor-picture', monitor: 'master', members: [], views: [] })).toBeNull();
  });
});
