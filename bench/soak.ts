/**
 * `npm run soak -- store --minutes 10 [--seed 1]`: real containers under faults, every history checked.
 * `npm run soak -- queue --kills 200 [--per-second 500] [--seed 1]`: a real master killed again and again.
 * `npm run soak -- faults --kills 20 [--engine docker]`: a panel killed in the middle of faults of every kind.
 */
import { parseArgs } from 'node:util';
import { soakFaults } from './soak/faults.ts';
import { soakQueue } from './soak/queue.ts';
import { soakStore } from './soak/store.ts';

const usage =
  'usage: soak store [--minutes 1] [--seed 1] | soak queue [--kills 20] [--per-second 500] [--seed 1] | soak faults [--kills 20] [--engine process] [--seed 1]\n';

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '1' },
      kills: { type: 'string', default: '20' },
      'per-second': { type: 'string', default: '500' },
      engine: { type: 'string', default: 'process' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
    },
  });
  const [minutes, kills] = [Number(values.minutes), Number(values.kills)];
  const [perSecond, seed] = [Number(values['per-second']), Number(values.seed)];
  const [what, ...rest] = positionals;
  const isRight = minutes > 0 && perSecond > 0 && Number.isInteger(kills) && kills > 0 && Number.isInteger(seed);
  const engine = values.engine === 'docker' || values.engine === 'process' ? values.engine : null;
  if ((what !== 'store' && what !== 'queue' && what !== 'faults') || engine === null || rest.length > 0 || !isRight) {
    process.stderr.write(usage);
    return 2;
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}`);
  const soaks = {
    store: () => soakStore({ minutes, seed, say }),
    queue: () => soakQueue({ kills, perSecond, seed, say }),
    faults: () => soakFaults({ kills, engine, seed, say }),
  };
  const result = await soaks[what]();
  say(JSON.stringify(result));
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`soak failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
});
