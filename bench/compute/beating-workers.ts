/**
 * Many workers in one process, as far as the master can tell: each a frame connection that says hello and
 * beats. node beating-workers.ts <frames port> <count>; says `all joined`, then beats until it is ended.
 */
import { createHlc } from '../../containers/algorithms/hlc.ts';
import { systemClock } from '../../containers/kit/clock.ts';
import { createFaultShim } from '../../containers/kit/fault-shim.ts';
import { dialFrames } from '../../containers/kit/frame-dialer.ts';
import { createHeartbeatSender } from '../../containers/kit/heartbeat-sender.ts';
import { CLUSTER, SECRET } from './cluster.ts';

const [, , port = '', count = ''] = process.argv;
const shim = createFaultShim(systemClock, Math.random);
let joined = 0;

function startWorker(node: string): void {
  const incarnation = systemClock.nowMs();
  const beats = createHeartbeatSender({
    clock: systemClock,
    hlc: createHlc(node),
    incarnation,
    inFlight: () => 0,
    extra: () => ({ holding: [] }),
  });
  dialFrames({
    address: `127.0.0.1:${port}`,
    peer: { role: 'master' },
    self: { node, role: 'worker', cluster: CLUSTER, secret: SECRET, incarnation },
    info: () => ({ capacity: 1, kinds: ['calculator'], probe: '127.0.0.1:1', standby: false, holding: [] }),
    shim,
    clock: systemClock,
    random: Math.random,
    onOpen(connection, welcome) {
      beats.start(connection, Number(welcome['heartbeatIntervalMs']));
      joined += 1;
      if (joined === Number(count)) process.stdout.write('all joined\n');
    },
    onClosed: (reason) => fail(`${node} lost the master: ${reason}`),
    onRefused: (code, reason) => fail(`${node} was refused: ${code} ${reason}`),
  });
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

process.once('SIGTERM', () => process.exit(0));
// Spread over one interval, as independent workers are.
for (let number = 1; number <= Number(count); number++) {
  setTimeout(() => startWorker(`worker-${number}`), (number / Number(count)) * 1_000);
}
