/** `npm run soak -- store --minutes 10 [--seed 1]`: real containers under faults, every history checked. */
import { parseArgs } from 'node:util';
import { soakStore } from './soak/store.ts';

const usage = 'usage: soak store [--minutes 1] [--seed 1]\n';

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (positionals.join() !== 'store' || !(minutes > 0) || !Number.isInteger(seed)) {
    process.stderr.write(usage);
    return 2;
  }
  process.stdout.write(`seed ${seed}\n`);
  const result = await soakStore({ minutes, seed, say: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`soak failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
});
