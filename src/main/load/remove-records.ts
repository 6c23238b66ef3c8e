/** Deletes the records that a load test wrote: a store that was loaded is left as it was found. */
import { Agent, request } from 'node:http';

const AT_ONCE = 16;
const TIMEOUT_MS = 5_000;
/** Whatever is not gone by then stays, and is said to. */
const ALL_TIMEOUT_MS = 20_000;

/** Keys `load/0` to `load/<keys − 1>` at `base`, the master. Never rejects; what was not there counts as deleted. */
export async function removeRecords(base: string, keys: number): Promise<{ deleted: number; left: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const untilMs = performance.now() + ALL_TIMEOUT_MS;
  let next = 0;
  let deleted = 0;
  const work = async (): Promise<void> => {
    while (next < keys && performance.now() < untilMs)
      if (await remove(agent, `${base}/records/load/${next++}`)) deleted++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  agent.destroy();
  return { deleted, left: keys - deleted };
}

function remove(agent: Agent, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'DELETE', agent, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 204 || response.statusCode === 404));
      response.on('error', () => resolve(false));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.end();
  });
}
