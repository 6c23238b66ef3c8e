/** One connection pool to a Docker engine, with coded errors. */
import http from 'node:http';
import https from 'node:https';
import Docker from 'dockerode';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { DockerTarget } from './docker-discovery.ts';
import { dockerError } from './docker-errors.ts';

/** An engine that takes longer to answer a plain question counts as gone. */
const ANSWER_LIMIT_MS = 30_000;
/** What stays open between calls. A crowd of calls opens more, which close behind them: idle panels hold few descriptors. */
const IDLE_CONNECTIONS = 4;

type AskOptions = {
  /** The node that is asked about, for unknown-node. */
  node?: string;
  limitMs?: number;
};

export type DockerClient = {
  docker: Docker;
  /** Awaits an answer of the engine; throws engine-unavailable, unknown-node, port-taken or engine-failed. */
  ask<T>(answer: Promise<T>, options?: AskOptions): Promise<T>;
  close(): void;
};

export function connectDocker(target: DockerTarget): DockerClient {
  // Kept alive: a new connection for each call would cost more than most calls.
  const secure = 'tls' in target && target.tls !== null;
  const pool = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS };
  const agent = secure ? new https.Agent(pool) : new http.Agent(pool);
  const protocol = secure ? ('https' as const) : ('http' as const);
  const options =
    'socketPath' in target
      ? { socketPath: target.socketPath, agent }
      : { host: target.host, port: target.port, protocol, ...target.tls, agent };
  const docker = new Docker(options);
  return { docker, ask, close: () => agent.destroy() };
}

async function ask<T>(answer: Promise<T>, options: AskOptions = {}): Promise<T> {
  const limitMs = options.limitMs ?? ANSWER_LIMIT_MS;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new OrreryError('engine-unavailable', { reason: `no answer within ${limitMs} ms` }));
    }, limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } catch (thrown) {
    throw dockerError(thrown, options.node);
  } finally {
    clearTimeout(timer);
  }
}
