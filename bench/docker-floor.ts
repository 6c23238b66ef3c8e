/** The floor for spawning: plain `docker run` of the same image, until the container's first answer. */
import { execFile } from 'node:child_process';
import { get } from 'node:http';
import { promisify } from 'node:util';
import { CONTAINER_PORTS } from '../containers/protocol/roles.ts';

const execute = promisify(execFile);

/** Runs the docker command; its stdout. Throws with its stderr when it fails. */
export async function docker(args: string[]): Promise<string> {
  return (await execute('docker', args, { maxBuffer: 16 * 1024 * 1024 })).stdout;
}

type Inspected = {
  Config: { Image: string; Env: string[]; Cmd: string[] | null };
  HostConfig: { Memory: number; NanoCpus: number; PidsLimit: number | null };
};

const NETWORK = 'bench-floor';
const SUBNET = '10.213.77';

export class DockerFloor {
  readonly #inspected: Inspected;
  #made = 0;

  private constructor(inspected: Inspected) {
    this.#inspected = inspected;
  }

  /** Containers like this one, in a network of the same kind with addresses known beforehand, so that nothing must be looked up. */
  static async like(container: string): Promise<DockerFloor> {
    const [inspected] = JSON.parse(await docker(['inspect', container])) as Inspected[];
    if (!inspected) throw new Error(`there is no container ${container}`);
    await docker(['network', 'rm', NETWORK]).catch(() => undefined);
    await docker(['network', 'create', '--subnet', `${SUBNET}.0/24`, NETWORK]);
    return new DockerFloor(inspected);
  }

  /** Milliseconds from the first `docker run` until every container has answered once. */
  async run(count: number): Promise<number> {
    const startedMs = performance.now();
    const names = Array.from({ length: count }, () => this.#made++);
    await Promise.all(
      names.map(async (number) => Promise.all([docker(this.#arguments(number)), firstAnswer(addressOf(number))])),
    );
    const tookMs = performance.now() - startedMs;
    await docker(['rm', '-f', ...names.map((number) => `bench-floor-${number}`)]);
    return tookMs;
  }

  async remove(): Promise<void> {
    await docker(['network', 'rm', NETWORK]);
  }

  #arguments(number: number): string[] {
    const { Config, HostConfig } = this.#inspected;
    const hardening = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const limits = [
      '--memory',
      `${HostConfig.Memory}`,
      '--cpus',
      `${HostConfig.NanoCpus / 1e9}`,
      '--pids-limit',
      `${HostConfig.PidsLimit ?? -1}`,
    ];
    const env = Config.Env.filter((entry) => entry.startsWith('ORRERY_')).flatMap((entry) => ['-e', entry]);
    const where = ['--network', NETWORK, '--ip', addressOf(number), '--add-host', 'host.docker.internal:host-gateway'];
    return [
      'run',
      '-d',
      '--name',
      `bench-floor-${number}`,
      ...hardening,
      ...limits,
      ...where,
      ...env,
      Config.Image,
      ...(Config.Cmd ?? []),
    ];
  }
}

const addressOf = (number: number) => `${SUBNET}.${10 + (number % 200)}`;

/** Resolves at the first HTTP answer, whatever its status. */
async function firstAnswer(host: string): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs) {
    const answered = await new Promise<boolean>((resolve) => {
      const request = get({ host, port: CONTAINER_PORTS.probe, path: '/', timeout: 250, agent: false }, (response) => {
        response.resume();
        resolve(true);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${host} gave no answer within 60 s`);
}
