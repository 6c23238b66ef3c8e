import { afterEach, expect, test } from 'vitest';
import { systemClock as clock } from './clock.ts';
import { createFaultShim } from './fault-shim.ts';
import { dialFrames, type DialerOptions } from './frame-dialer.ts';
import { serveFrames, type Self } from './frame-server.ts';

const shim = createFaultShim(clock, Math.random);
const master: Self = { node: 'master', role: 'master', cluster: 'c1', secret: '0123456789abcdef', incarnation: 1 };
const datanode: Self = { ...master, node: 'datanode-3', role: 'datanode' };
const worker: Self = { ...master, node: 'worker-1', role: 'worker' };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Serves as `self`; `ended` resolves when a peer that said hello is gone again. */
async function serve(self: Self, port = 0) {
  const ended = Promise.withResolvers<void>();
  const server = await serveFrames({
    bind: '127.0.0.1',
    port,
    self,
    shim,
    clock,
    onPeer(connection) {
      connection.onClose(() => ended.resolve());
      return {};
    },
    onRefused: () => {},
  });
  cleanups.push(() => server.close());
  return { ...server, ended: ended.promise };
}

/** Resolves with the node that the dialer took for its peer. */
function dial(port: number, peer: DialerOptions['peer']): Promise<unknown> {
  return new Promise((resolve) => {
    const dialer = dialFrames({
      address: `127.0.0.1:${port}`,
      peer,
      self: worker,
      info: () => ({}),
      shim,
      clock,
      random: Math.random,
      onOpen: (_, welcome) => resolve(welcome['node']),
      onClosed: () => {},
      onRefused: () => {},
    });
    cleanups.push(() => dialer.close());
  });
}

test.each([
  ['of another role', { role: 'master' } as const, datanode, master],
  ['of another name', { role: 'datanode', node: 'datanode-1' } as const, datanode, { ...datanode, node: 'datanode-1' }],
])(
  'a node %s that answers at the address is left, and the right one is found there later',
  async (_, peer, wrong, right) => {
    const first = await serve(wrong);
    const found = dial(first.port, peer);
    await Promise.race([first.ended, found]);
    await first.close();
    await serve(right, first.port);
    expect(await found).toBe(right.node);
  },
);
