/** Chooses the engine: the one asked for, or Docker when it answers, else child processes. Says why. */
import os from 'node:os';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import { discoverDocker, machineWorld } from './docker-discovery.ts';
import type { DiscoveryWorld, DockerDiscovery } from './docker-discovery.ts';
import { createDockerEngine } from './docker-engine.ts';
import type { DockerEngineOptions } from './docker-engine.ts';
import type { ContainerEngine, EngineInfo } from './engine.ts';
import { createProcessEngine } from './process-engine.ts';
import type { ProcessEngineOptions } from './process-engine.ts';

export type FindEngineOptions = Omit<DockerEngineOptions, 'candidate'> &
  Pick<ProcessEngineOptions, 'launcher'> & {
    /** The machine as discovery sees it; tests bring their own. */
    world?: DiscoveryWorld;
    /** An engine that does not answer within this is passed over. */
    answerWithinMs?: number;
  };

/** What became of one place where an engine might have been, for the doctor page. */
type EngineAttempt = { url: string; because: string; outcome: string };
export type DockerSearch = { engine: ContainerEngine | null; attempts: EngineAttempt[] };

const ANSWER_WITHIN_MS = 2_000;

/**
 * @param kind `auto`: Docker when one answers in time, else processes (info().chosenBecause says why)
 * @throws engine-unavailable when `docker` was asked for and none answers
 */
export async function findEngine(
  kind: 'auto' | 'docker' | 'process',
  options: FindEngineOptions,
): Promise<ContainerEngine> {
  const processes = (chosenBecause: string) => createProcessEngine({ ...options, chosenBecause });
  if (kind === 'process') return processes('asked for');
  const { engine, attempts } = await searchDocker(options);
  if (engine) return engine;
  const reason = attempts.map(({ url, because, outcome }) => `${url} (${because}): ${outcome}`).join('; ');
  const found = reason === '' ? 'no docker socket was found' : reason;
  if (kind === 'docker') throw new OrreryError('engine-unavailable', { reason: found });
  return processes(`no Docker engine answers: ${found}`);
}

/** Asks the places where Docker may be, in order, until one answers. */
export async function searchDocker(options: FindEngineOptions): Promise<DockerSearch> {
  const { candidates, refusals }: DockerDiscovery = discoverDocker(options.world ?? machineWorld(os.homedir()));
  const attempts: EngineAttempt[] = refusals.map(({ url, because, reason }) => ({ url, because, outcome: reason }));
  for (const candidate of candidates) {
    const engine = createDockerEngine({ ...options, candidate });
    const { url, because } = candidate;
    try {
      const info = await within(options.answerWithinMs ?? ANSWER_WITHIN_MS, engine.info());
      attempts.push({ url, because, outcome: `answers: ${info.title}` });
      return { engine, attempts };
    } catch (thrown) {
      attempts.push({ url, because, outcome: String(toOrreryError(thrown).details['reason']) });
      await engine.close();
    }
  }
  return { engine: null, attempts };
}

async function within(limitMs: number, answer: Promise<EngineInfo>): Promise<EngineInfo> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new OrreryError('engine-unavailable', { reason: `no answer within ${limitMs} ms` }));
  }, limitMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
