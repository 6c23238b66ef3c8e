// `npm run check`: everything that needs neither Docker nor a browser. Prints each stage with its time.
import { runStages, tool } from './stages.mjs';

export const checkStages = [
  { name: 'format', run: tool('prettier', ['--check', '--log-level', 'warn', '.']) },
  { name: 'lint', run: tool('oxlint', ['--type-aware', '--deny-warnings']) },
  { name: 'types', run: tool('tsc', ['-b']) },
  { name: 'unused', run: tool('knip', ['--no-progress']) },
  { name: 'tidy', run: tool('node', ['scripts/tidy.ts']) },
  { name: 'docs', run: tool('node', ['scripts/docs.ts', '--check']) },
  { name: 'unit', vitest: ['unit'] },
];

if (import.meta.filename === process.argv[1]) process.exitCode = await runStages(checkStages);
