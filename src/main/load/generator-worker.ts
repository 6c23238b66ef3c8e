/** Starts a generator in its thread and passes on what it says. */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import type { GeneratorReport } from './generator.ts';
import type { GeneratorData, GeneratorMessage, GeneratorOrder } from './generator-thread.ts';
import type { WireTarget } from './target-requests.ts';

export type GeneratorEvents = {
  onStarted(): void;
  onReport(report: GeneratorReport): void;
  /** `failure` null: it came to its end. Called once. */
  onEnded(result: { cpuS: number | null; failure: string | null }): void;
};

export type GeneratorWorker = { order(order: GeneratorOrder): void; terminate(): Promise<void> };

export function startGeneratorWorker(plan: LoadPlan, target: WireTarget, events: GeneratorEvents): GeneratorWorker {
  const workerData: GeneratorData = { plan, target };
  const worker = new Worker(threadFile(), { workerData, name: 'load-generator' });
  let ended = false;
  const end = (result: { cpuS: number | null; failure: string | null }) => {
    if (ended) return;
    ended = true;
    events.onEnded(result);
  };
  worker.on('message', (message: GeneratorMessage) => {
    if (message.kind === 'report') events.onReport(message.report);
    else if (message.kind === 'started') events.onStarted();
    else if (message.kind === 'finished') end({ cpuS: message.cpuS, failure: null });
    else end({ cpuS: null, failure: message.reason });
  });
  worker.on('error', (error) => end({ cpuS: null, failure: error instanceof Error ? error.message : String(error) }));
  worker.on('exit', (code) => end({ cpuS: null, failure: `its thread ended (${code})` }));
  return {
    order: (order) => worker.postMessage(order),
    async terminate() {
      await worker.terminate();
    },
  };
}

/** From the sources Node runs the thread as it stands; the build makes it a file of its own beside the entries. */
function threadFile(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./generator-thread.ts', import.meta.url);
  const beside = new URL('./generator-thread.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../generator-thread.js', import.meta.url);
}
