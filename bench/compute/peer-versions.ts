/** Which versions of the peers are installed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const PEERS_FOLDER = path.resolve(import.meta.dirname, '..', 'peers');

/** One line a peer. Throws, saying how to install them, when one is missing. */
export function peerVersions(): string[] {
  return [
    firstLine('haproxy', ['-v']),
    firstLine('redis-server', ['--version']),
    // wrk has no exit code for its version: it prints its usage.
    firstLine('wrk', ['-v'], [0, 1]),
    ...['bullmq', 'ioredis', 'etcd3', 'autocannon'].map((name) => `${name} ${moduleVersion(name)}`),
    `Node ${process.version} on both sides`,
  ];
}

function firstLine(program: string, args: string[], codes = [0]): string {
  const done = spawnSync(program, args, { encoding: 'utf8' });
  if (done.error !== undefined || !codes.includes(done.status ?? -1)) throw missing(program);
  return (done.stdout || done.stderr).split('\n')[0]?.trim() ?? program;
}

function moduleVersion(name: string): string {
  try {
    const manifest: unknown = JSON.parse(
      readFileSync(path.join(PEERS_FOLDER, 'node_modules', name, 'package.json'), 'utf8'),
    );
    return String((manifest as { version: unknown }).version);
  } catch (cause) {
    throw missing(name, cause);
  }
}

function missing(what: string, cause?: unknown): Error {
  return new Error(`${what} is not installed: run \`npm run bench:setup\``, { cause });
}
