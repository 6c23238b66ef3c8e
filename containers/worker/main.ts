/** Worker: dials the master, runs what it is given. The same file serves as the thread that burns processor time. */
import { isMainThread } from 'node:worker_threads';
import { serveProbe } from '../kit/probe-server.ts';
import { runRole } from '../kit/role-main.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { OrreryError } from '../protocol/errors.ts';
import { burnHere } from './cpu-thread.ts';
import { startWorker } from './service.ts';

if (isMainThread) runRole('worker', start);
else burnHere();

async function start(context: RoleContext): Promise<{ stop(): Promise<void> }> {
  const { config, self, faults } = context;
  if (config.ORRERY_MASTER === undefined) {
    throw new OrreryError('bad-config', { reason: 'a worker needs ORRERY_MASTER, host:port' });
  }
  const master = config.ORRERY_MASTER;
  let worker: ReturnType<typeof startWorker> | null = null;
  const probe = await serveProbe({
    bind: config.ORRERY_BIND,
    port: config.ORRERY_PORT_PROBE,
    secret: config.ORRERY_SECRET,
    faults,
    answer() {
      const { node, role } = self;
      const known = { node, role, incarnation: worker?.incarnation ?? self.incarnation };
      return worker?.ready === true
        ? { ...known, ready: true }
        : { ...known, ready: false, awaiting: `the master at ${master}` };
    },
  });
  worker = startWorker({
    context,
    master,
    capacity: config.ORRERY_CONCURRENCY,
    probe: `${config.ORRERY_HOST}:${probe.port}`,
    entry: import.meta.url,
  });
  const { stop } = worker;
  return {
    async stop() {
      await stop.call(worker);
      await probe.close();
    },
  };
}
