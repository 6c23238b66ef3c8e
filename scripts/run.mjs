// Runs a TypeScript file of ours: node scripts/run.mjs bench/bench.ts …
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';

build();
const [, , file, ...rest] = process.argv;
process.argv = [process.argv[0], path.resolve(file), ...rest];
await import(pathToFileURL(path.resolve(file)).href);
