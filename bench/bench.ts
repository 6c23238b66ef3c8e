/**
 * `npm run --silent bench -- <name> [--quick] [--json]`: runs one bench. A bench compares with a floor
 * or a peer measured in the same run, prints what it did on stderr, and fails when a peer errs. With
 * --json stdout holds one JSON object on one line: the figures as top-level numbers.
 */
import { parseArgs } from 'node:util';
import type { Figures } from './measure.ts';

type Bench = { run(options: { quick: boolean; say(line: string): void }): Promise<Figures> };

const BENCHES: Record<string, () => Promise<Bench>> = {
  spawn: () => import('./spawn.ts'),
  compute: () => import('./compute.ts'),
  balancing: () => import('./balancing.ts'),
  elastic: () => import('./elastic.ts'),
  storage: () => import('./storage.ts'),
  load: () => import('./load.ts'),
  tracing: () => import('./tracing.ts'),
  panel: () => import('./panel.ts'),
};

const usage = `usage: bench <${Object.keys(BENCHES).join('|')}> [--quick] [--json]\n`;

async function main(): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  const load = BENCHES[parsed.positionals[0] ?? ''];
  if (!load || parsed.positionals.length !== 1) {
    process.stderr.write(usage);
    return 2;
  }
  const bench = await load();
  const figures = await bench.run({
    quick: parsed.values.quick ?? false,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
  if (parsed.values.json) process.stdout.write(`${JSON.stringify(rounded)}\n`);
  else for (const [name, value] of Object.entries(rounded)) process.stdout.write(`${name.padEnd(28)} ${value}\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`bench failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
});
