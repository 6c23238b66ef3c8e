/** For tests: a PostgreSQL of one's own, from the installed packages, on a temporary folder and loopback. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The server refuses to run as root; `nobody` serves as well as any. */
const NOBODY = 65_534;
const START_TIMEOUT_MS = 30_000;
const PACKAGES = '/usr/lib/postgresql';

export class TestPostgres {
  readonly folder: string;
  readonly port: number;
  readonly #asUser: { uid: number; gid: number } | Record<string, never>;
  #server: ChildProcess | null = null;

  /** Makes a database cluster; `start` runs it. Throws when PostgreSQL is not installed. */
  static async create(): Promise<TestPostgres> {
    const postgres = new TestPostgres(await freePort());
    const made = spawnSync(
      program('initdb'),
      ['-D', postgres.#data, '-U', 'orrery', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
      { ...postgres.#asUser, cwd: postgres.folder, encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    return postgres;
  }

  private constructor(port: number) {
    this.port = port;
    this.folder = mkdtempSync(path.join(tmpdir(), 'orrery-postgres-'));
    this.#asUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (process.getuid?.() === 0) chownSync(this.folder, NOBODY, NOBODY);
  }

  get url(): string {
    return `postgres://orrery@127.0.0.1:${this.port}/postgres`;
  }

  get #data(): string {
    return path.join(this.folder, 'data');
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=8MB'];
    const server = spawn(
      program('postgres'),
      ['-D', this.#data, '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])],
      { ...this.#asUser, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#server = server;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`PostgreSQL does not start:\n${said}`)), START_TIMEOUT_MS);
      server.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${said}`)));
      server.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (!said.includes('ready to accept connections')) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** `crash`: at once, as if its machine had lost power. Else connections are ended and it shuts down in order. */
  async stop(how: 'fast' | 'crash' = 'fast'): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** On the path, or where Debian's packages put it. */
function program(name: string): string {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, name));
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES) : [];
  const found = [...onPath, ...versions.map((version) => path.join(PACKAGES, version, 'bin', name))].find((file) =>
    existsSync(file),
  );
  if (found === undefined) throw new Error(`${name} is missing: install PostgreSQL (scripts/ci-setup.sh does)`);
  return found;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
