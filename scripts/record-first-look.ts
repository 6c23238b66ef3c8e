/**
 * Makes the recording that comes with Orrery: a real run on this machine's Docker in which something happens
 * all the time. Run it when the journal's events or the samples have changed:
 * node scripts/record-first-look.ts
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const COMMAND = path.join(root, 'scripts/orrery.mjs');
const FILE = path.join(root, 'src/renderer/public/recordings/first-look.orrery');
const SECONDS = 75;

const home = mkdtempSync(path.join(os.tmpdir(), 'orrery-recording-'));
const env = { ...process.env, ORRERY_HOME: home, ORRERY_PORTS: '44800-44819', ORRERY_WEATHER_SOURCE: 'demo' };
const orrery = async (...args: string[]) => (await run(process.execPath, [COMMAND, ...args], { env })).stdout;

const panel = spawn(process.execPath, [COMMAND, 'up', '--engine', 'docker', '--json'], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(panel, 'exit');
await once(createInterface(panel.stdout), 'line');
const { endpoints } = JSON.parse(await orrery('ps', '--json')) as { endpoints: { master: string; headnode: string } };

const send = (method: 'POST' | 'PUT', url: string, body: unknown) =>
  fetch(url, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    .then((answer) => answer.arrayBuffer())
    // Some are meant to fail: nodes are killed meanwhile.
    .catch(() => undefined);

let recorded = false;
const recording = run(process.execPath, [COMMAND, 'record', FILE, '--seconds', String(SECONDS)], { env });

/** Steady traffic of every kind, slow enough to be followed by eye. */
async function traffic(): Promise<void> {
  for (let n = 0; !recorded; n += 1) {
    await Promise.all([
      send('POST', `${endpoints.master}/submit-task?wait=5s`, { payload: `${n} * (${n} + 1)` }),
      n % 2 === 0 && send('POST', `${endpoints.master}/submit-task`, { kind: 'work', payload: { serviceMs: 300 } }),
      n % 3 === 0 && send('PUT', `${endpoints.headnode}/records/notes/${n % 30}`, { n }),
      n % 25 === 0 &&
        send('POST', `${endpoints.master}/submit-task`, { kind: 'weather', payload: { city: 'Reykjavik' } }),
    ]);
    await delay(300);
  }
}

/** What a person would try, in the order in which they would. */
async function story(): Promise<void> {
  await delay(8_000);
  await orrery('spawn', 'worker', '2');
  await delay(7_000);
  await orrery('kill', 'worker-2');
  await delay(8_000);
  await orrery('kill', 'datanode-1');
  await delay(14_000);
  await orrery('spawn', 'datanode', '1');
  await delay(6_000);
  await orrery('kill', 'master');
}

mkdirSync(path.dirname(FILE), { recursive: true });
try {
  const busy = [traffic(), story()];
  process.stdout.write((await recording).stdout);
  recorded = true;
  await Promise.allSettled(busy);
} finally {
  recorded = true;
  panel.kill('SIGTERM');
  await ended;
  rmSync(home, { recursive: true, force: true });
}
