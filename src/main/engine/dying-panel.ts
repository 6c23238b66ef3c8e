/**
 * For tests: a panel's engine that restarts a node, and dies by SIGKILL at one step of it.
 * Arguments: home, folder of bundles, step, the node's spec as JSON. Says the process ids that it started.
 */
import { writeSync } from 'node:fs';
import type { NodeSpec } from './engine.ts';
import { createProcessEngine } from './process-engine.ts';
import { childProcesses } from './process-launcher.ts';
import { ProcessRegistry } from './process-registry.ts';

/** In their order. */
export const STEPS = ['stopped', 'end-written', 'spawned', 'written', 'let-go'] as const;
type Step = (typeof STEPS)[number];

const [home = '', bundlesFolder = '', diesAt = '', spec = ''] = process.argv.slice(2);

/** Of the second launch, which is the restart. */
let launches = 0;
function reached(step: Step): void {
  if (step === diesAt) process.kill(process.pid, 'SIGKILL');
}

class MortalRegistry extends ProcessRegistry {
  override async write(...record: Parameters<ProcessRegistry['write']>): Promise<void> {
    if (launches === 2) reached('spawned');
    await super.write(...record);
    if (launches === 2) reached('written');
  }

  override async writeEnd(...end: Parameters<ProcessRegistry['writeEnd']>): Promise<void> {
    reached('stopped');
    await super.writeEnd(...end);
    reached('end-written');
  }
}

if (import.meta.main) {
  const node = JSON.parse(spec) as NodeSpec;
  const launch = childProcesses();
  const engine = createProcessEngine({
    home,
    bundlesFolder,
    registry: new MortalRegistry(home),
    launcher: async (order) => {
      const child = await launch(order);
      launches += 1;
      writeSync(process.stdout.fd, `${child.pid}\n`);
      return child;
    },
  });
  await engine.launch(node);
  writeSync(process.stdout.fd, 'up\n');
  process.stdin.once('data', () => {
    engine
      .stop(node, 10_000)
      .then(() => engine.launch(node))
      .then(() => reached('let-go'))
      .catch((error: unknown) => process.stderr.write(String(error)));
  });
}
