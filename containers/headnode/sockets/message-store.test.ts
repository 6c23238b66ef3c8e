import { expect, test } from 'vitest';
import type { PutOptions } from '../../gateway/record-client.ts';
import { OrreryError } from '../../protocol/errors.ts';
import { MessageStore } from './message-store.ts';

/** A record store in memory, with one datanode. */
function fakeGateway(records = new Map<string, string>()) {
  const refusals: (OrreryError | 'after')[] = [];
  const applied = new Map<string, string>();
  let looks = 0;
  const client = {
    async put({ key, value, opId }: PutOptions) {
      const refusal = refusals.shift();
      if (refusal instanceof OrreryError) throw refusal;
      if (records.has(key) && applied.get(opId) !== key) throw new OrreryError('precondition-failed', { version: 1 });
      records.set(key, new TextDecoder().decode(value));
      applied.set(opId, key);
      if (refusal === 'after') throw new OrreryError('outcome-unknown');
      return { version: 1, isCreation: true, replicas: ['datanode-1'] };
    },
    async get(key: string) {
      looks++;
      return records.has(key) ? {} : null;
    },
  };
  const table = { shardOf: () => 0, get: () => ({ primary: 'datanode-1' }), addressOf: () => '127.0.0.1:7400' };
  const gateway = { client, table } as unknown as ConstructorParameters<typeof MessageStore>[0];
  return { gateway, records, refusals, looks: () => looks };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('messages are numbered from one, also those that come at the same time', async () => {
  const { gateway, records } = fakeGateway();
  const store = new MessageStore(gateway);
  const stored = await Promise.all(Array.from({ length: 20 }, (_, n) => store.store(bytes(`m${n}`))));
  expect(new Set(stored.map(({ record }) => record)).size).toBe(20);
  expect([...records.keys()].sort()).toEqual(Array.from({ length: 20 }, (_, n) => `messages/${n + 1}`).sort());
  expect(stored[0]).toMatchObject({ at: '127.0.0.1:7400', replicas: ['datanode-1'] });
});

test('a new process goes on behind the last one, and finds it fast', async () => {
  const fake = fakeGateway(new Map(Array.from({ length: 10_000 }, (_, n) => [`messages/${n + 1}`, 'old'])));
  const { record } = await new MessageStore(fake.gateway).store(bytes('new'));
  expect(record).toBe('messages/10001');
  expect(fake.looks()).toBeLessThan(40);
});

test('what another wrote is never overwritten, holes are filled', async () => {
  const fake = fakeGateway(
    new Map([
      ['messages/3', 'theirs'],
      ['messages/4', 'theirs'],
    ]),
  );
  const store = new MessageStore(fake.gateway);
  const names = [];
  for (let n = 0; n < 4; n++) names.push((await store.store(bytes('mine'))).record);
  expect(names).toEqual(['messages/1', 'messages/2', 'messages/5', 'messages/6']);
  expect(fake.records.get('messages/3')).toBe('theirs');
});

test('an unknown outcome is asked about again: one message is one record', async () => {
  const fake = fakeGateway();
  fake.refusals.push('after', 'after');
  const { record } = await new MessageStore(fake.gateway).store(bytes('once'));
  expect(record).toBe('messages/1');
  expect([...fake.records]).toEqual([['messages/1', 'once']]);
});

test('a refusal is passed on, and its number is used by the next message', async () => {
  const fake = fakeGateway();
  const store = new MessageStore(fake.gateway);
  fake.refusals.push(new OrreryError('too-few-replicas', { have: 0, need: 2 }));
  await expect(store.store(bytes('lost'))).rejects.toThrow(/datanodes/);
  expect((await store.store(bytes('next'))).record).toBe('messages/1');
});
