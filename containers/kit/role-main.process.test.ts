/** The life of a role's process, with a small role of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'role-main.ts');
const good = {
  ORRERY_CLUSTER: 'c1',
  ORRERY_NODE: 'worker-1',
  ORRERY_ROLE: 'worker',
  ORRERY_SECRET: '0123456789abcdef',
};
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'orrery-role-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { code: number | null; stdout: string; stderr: string };

function run(
  body: string,
  environment: Record<string, string> = good,
): { child: ChildProcess; ended: Promise<Ended>; said(text: string): Promise<void> } {
  const path = join(folder, `role-${Math.random().toString(36).slice(2)}.mts`);
  writeFileSync(
    path,
    `import { runRole } from ${JSON.stringify(MAIN)};\nrunRole('worker', async (context) => { ${body} });\n`,
  );
  const child = spawn(process.execPath, [path], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  const said = async (text: string): Promise<void> => {
    await expect.poll(() => stdout, { timeout: 10_000 }).toContain(text);
  };
  return { child, ended, said };
}

const RUNNING = `setInterval(() => {}, 1000); context.say('info', 'ready to serve', { port: 7401, note: 'two words' });`;

describe('a role', () => {
  test('that is to await a word ends in silence when whoever started it ended before', async () => {
    const { ended } = run(RUNNING, { ...good, ORRERY_AWAIT_GO: '1' });
    expect(await ended).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('stops on SIGTERM, having said what it did in readable lines', async () => {
    const { child, ended, said } = run(`${RUNNING} return { stop: async () => context.say('info', 'put away') };`);
    await said('ready to serve');
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
      'info worker-1 starting',
      'info worker-1 ready',
      'info worker-1 stopping',
      'info worker-1 put',
    ]);
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info worker-1 ready to serve port=7401 note="two words"$/);
  });

  test('stops while it is still starting', async () => {
    const { child, ended, said } = run(`${RUNNING} await new Promise(() => {}); return { stop: async () => {} };`);
    await said('ready to serve');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  test('ends with 1 on a fatal error, an exception or a rejection nobody caught', async () => {
    for (const body of [
      `context.fatal(new Error('broken')); return { stop: async () => {} };`,
      `setTimeout(() => { throw new Error('broken'); }); return { stop: async () => {} };`,
      `void Promise.reject(new Error('broken')); return { stop: async () => {} };`,
      `throw new Error('broken');`,
      `${RUNNING} setTimeout(() => process.kill(process.pid, 'SIGTERM')); return { stop: async () => { throw new Error('broken'); } };`,
    ]) {
      const { code, stdout, stderr } = await run(body).ended;
      expect([code, stdout.includes('error worker-1 Something broke inside: broken. code=internal')]).toEqual([
        1,
        true,
      ]);
      expect(stderr).toContain('Error: broken');
    }
  });

  test('refuses bad configuration with 78 and the name of the variable', async () => {
    const { ORRERY_SECRET: _, ...incomplete } = good;
    const missing = await run(RUNNING, incomplete).ended;
    expect([missing.code, missing.stdout]).toEqual([78, '']);
    expect(missing.stderr).toBe(
      'bad-config: The configuration is not valid: ORRERY_SECRET is missing. Correct the environment variable.\n',
    );
    const other = await run(RUNNING, { ...good, ORRERY_ROLE: 'master' }).ended;
    expect([other.code, other.stderr]).toEqual([78, expect.stringContaining('ORRERY_ROLE must be worker')]);
  });
});
