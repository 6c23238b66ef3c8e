/** The thread that generates load, so that neither the window nor the panel delays a request. */
import { parentPort, workerData } from 'node:worker_threads';
import { startGenerator, type GeneratorReport } from './generator.ts';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import type { WireTarget } from './target-requests.ts';

export type GeneratorOrder = { kind: 'pause'; paused: boolean } | { kind: 'stop' };
export type GeneratorMessage =
  | { kind: 'started' }
  | { kind: 'report'; report: GeneratorReport }
  | { kind: 'finished'; cpuS: number | null }
  | { kind: 'failed'; reason: string };
export type GeneratorData = { plan: LoadPlan; target: WireTarget };

const say = (message: GeneratorMessage) => parentPort?.postMessage(message);

try {
  const { plan, target } = workerData as GeneratorData;
  const generator = await startGenerator({ plan, target, onReport: (report) => say({ kind: 'report', report }) });
  parentPort?.on('message', (order: GeneratorOrder) => {
    if (order.kind === 'stop') generator.stop();
    else generator.pause(order.paused);
  });
  say({ kind: 'started' });
  say({ kind: 'finished', ...(await generator.finished) });
} catch (error) {
  say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}
parentPort?.close();
