/**
 * `npm run soak -- store --minutes 10 [--seed 1]`: real containers under faults, every history checked.
 * `npm run soak -- workers [--workers 1000]`: workers started and removed in turn, nothing left behind.
 * `npm run soak -- queue --kills 200 [--per-second 500] [--seed 1]`: a real master killed again and again.
 * `npm run soak -- faults --kills 20 [--engine docker]`: a panel killed in the middle of faults of every kind.
 */
import { parseArgs } from 'node:util';
import { soakFaults } from './soak/faults.ts';
import { soakQueue } from './soak/queue.ts';
import { turnWorkersOver } from './soak/turnover.ts';
import { soakStore } from './soak/store.ts';

const usage =
  'usage: soak store [--minutes 1] [--seed 1] | soak queue [--kills 20] [--per-second 500] [--seed 1] | soak workers [--workers 1000] | soak faults [--kills 20] [--engine process] [--seed 1]\n';

const SOAKS = ['store', 'queue', 'workers', 'faults'] as const;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '1' },
      kills: { type: 'string', default: '20' },
      'per-second': { type: 'string', default: '500' },
      engine: { type: 'string', default: 'process' },
      workers: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
    },
  });
  const [minutes, kills, workers] = [Number(values.minutes), Number(values.kills), Number(values.workers)];
  const [perSecond, seed] = [Number(values['per-second']), Number(values.seed)];
  const [what, ...rest] = positionals;
  const counts = [kills, workers, seed];
  const isRight = minutes > 0 && perSecond > 0 && counts.every((count) => Number.isInteger(count) && count >= 0);
  const engine = values.engine === 'docker' || values.engine === 'process' ? values.engine : null;
  const soak = SOAKS.find((known) => known === what);
  if (soak === undefined || engine === null || rest.length > 0 || !isRight) {
    process.stderr.write(usage);
    return 2;
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}`);
  const soaks = {
    store: () => soakStore({ minutes, seed, say }),
    queue: () => soakQueue({ kills, perSecond, seed, say }),
    workers: () => turnWorkersOver({ workers, atOnce: 10, say }),
    faults: () => soakFaults({ kills, engine, seed, say }),
  };
  const result = await soaks[soak]();
  say(JSON.stringify(result));
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`soak failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
});
