/** A tiny stand-in for the role bundles with which the engines are tested and measured. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROLES } from '../../../containers/protocol/roles.ts';

/**
 * Awaits the word of whoever started it, as roles do. Counts its starts in /data and notes its process ids
 * there, says so, answers on its ports, asks ORRERY_TEST_PEER who it is.
 * ORRERY_TEST_EXIT ends it with that code; ORRERY_TEST_STUBBORN makes it deaf to SIGTERM.
 */
const PROGRAM = `
import { createServer, get } from 'node:http';
import { appendFileSync, readFileSync, readSync, writeFileSync } from 'node:fs';
const env = process.env;
if (env.ORRERY_AWAIT_GO && readSync(0, new Uint8Array(2)) === 0) process.exit(0);
const say = (text) => console.log(new Date().toISOString() + ' info ' + env.ORRERY_NODE + ' ' + text);
process.on('SIGTERM', () => {
  say('asked to stop');
  if (!env.ORRERY_TEST_STUBBORN) process.exit(0);
});
const file = env.ORRERY_DATA + '/starts';
let starts = 1;
try {
  starts = Number(readFileSync(file, 'utf8')) + 1;
} catch {}
try {
  writeFileSync(file, String(starts));
  appendFileSync(env.ORRERY_DATA + '/pids', process.pid + '\\n');
} catch {
  say('no data folder');
}
const answer = JSON.stringify({ node: env.ORRERY_NODE, role: env.ORRERY_ROLE, incarnation: Date.now(), ready: true });
const ports = { master: ['HTTP', 'PROBE'], headnode: ['HTTP', 'PROBE'] }[env.ORRERY_ROLE] ?? ['PROBE'];
let open = 0;
for (const port of ports) {
  createServer((_, response) => response.end(answer)).listen(Number(env['ORRERY_PORT_' + port]), env.ORRERY_BIND, () => {
    open += 1;
    if (open === ports.length) {
      say('start ' + starts);
      console.error('a word on stderr');
      if (env.ORRERY_TEST_EXIT) process.exit(Number(env.ORRERY_TEST_EXIT));
    }
  });
}
if (env.ORRERY_TEST_PEER) {
  get('http://' + env.ORRERY_TEST_PEER + '/', (response) => {
    response.on('data', (body) => say('peer is ' + JSON.parse(body).node));
  }).on('error', (error) => say('peer failed: ' + error.message));
}
`;

/** Writes the stand-in as every role's bundle. */
export async function writeTestBundles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const role of ROLES) await writeFile(path.join(folder, `${role}.mjs`), PROGRAM);
}
