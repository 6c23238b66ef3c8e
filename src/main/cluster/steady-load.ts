/** For tests: requests at a steady rate, and what the workers make of them. */

/** Each request sleeps `serviceMs` at a worker. Goes on until it is stopped, and then gives the status of every answer. */
export function steadyLoad(master: string, perSecond: number, serviceMs: number): { stop(): Promise<number[]> } {
  const answers: Promise<number>[] = [];
  const timer = setInterval(() => answers.push(work(master, serviceMs)), 1_000 / perSecond);
  return {
    stop() {
      clearInterval(timer);
      return Promise.all(answers);
    },
  };
}

/** One request for work of so long; resolves with the status of its answer, 0 when none came. */
export async function work(master: string, serviceMs: number): Promise<number> {
  const body = JSON.stringify({ kind: 'work', payload: { serviceMs } });
  try {
    const answer = await fetch(`${master}/submit-task?wait=60s`, { method: 'POST', body });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

export async function busyWorkers(master: string): Promise<number> {
  const slaves = (await (await fetch(`${master}/slaves`)).json()) as Record<string, { status: string }>;
  return Object.values(slaves).filter(({ status }) => status === 'busy').length;
}

/** How many workers there are by their health, as the master sees it. */
export async function membersByHealth(master: string): Promise<Record<string, number>> {
  const { members } = (await (await fetch(`${master}/health`)).json()) as { members: Record<string, number> };
  return members;
}
