import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeEnvironment } from '../protocol/config.ts';
import { readEnvironment } from './environment.ts';

const good = { ORRERY_CLUSTER: 'c', ORRERY_NODE: 'worker-1', ORRERY_ROLE: 'worker', ORRERY_SECRET: '0123456789abcdef' };
const names = Object.keys(nodeEnvironment.shape);
const values = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '49',
    '50',
    '65535',
    '65536',
    '1.5',
    '-1',
    'x',
    'host:7400',
    'host',
    'a:b',
    'worker',
    '1e3',
  ),
  fc.string({ maxLength: 20 }),
);

describe('the environment of a node', () => {
  test('is read as the schema reads it', () => {
    const changes = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 3 });
    fc.assert(
      fc.property(changes, (changed) => {
        const variables = { ...good, ...changed };
        const expected = nodeEnvironment.safeParse(variables);
        if (expected.success) expect(readEnvironment(variables)).toEqual(expected.data);
        else expect(() => readEnvironment(variables)).toThrow(expect.objectContaining({ code: 'bad-config' }));
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused with the name of the wrong variable', () => {
    expect(() => readEnvironment({ ...good, ORRERY_SECRET: 'short' })).toThrow(/ORRERY_SECRET must have at least 16/);
    expect(() => readEnvironment({ ...good, ORRERY_PORT_HTTP: '70000' })).toThrow(
      /ORRERY_PORT_HTTP must be from 0 to 65535/,
    );
    expect(() => readEnvironment({ ...good, ORRERY_MASTER: 'nowhere' })).toThrow(/ORRERY_MASTER must be host:port/);
  });
});
