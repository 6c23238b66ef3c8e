/**
 * `npm run soak -- store --minutes 10 [--seed 1]`: real containers under faults, every history checked.
 * `npm run soak -- queue --kills 200 [--per-second 500] [--seed 1]`: a real master killed again and again.
 */
import { parseArgs } from 'node:util';
import { soakQueue } from './soak/queue.ts';
import { soakStore } from './soak/store.ts';

const usage = 'usage: soak store [--minutes 1] [--seed 1] | soak queue [--kills 20] [--per-second 500] [--seed 1]\n';

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '1' },
      kills: { type: 'string', default: '20' },
      'per-second': { type: 'string', default: '500' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
    },
  });
  const [minutes, kills] = [Number(values.minutes), Number(values.kills)];
  const [perSecond, seed] = [Number(values['per-second']), Number(values.seed)];
  const [what, ...rest] = positionals;
  const isRight = minutes > 0 && perSecond > 0 && Number.isInteger(kills) && kills > 0 && Number.isInteger(seed);
  if ((what !== 'store' && what !== 'queue') || rest.length > 0 || !isRight) {
    process.stderr.write(usage);
    return 2;
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}`);
  const result =
    what === 'store' ? await soakStore({ minutes, seed, say }) : await soakQueue({ kills, perSecond, seed, say });
  say(JSON.stringify(result));
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`soak failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
});
