/** A panel on a fake cluster, for tests: opened, started, waited for. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clusterOptions } from '../contract/contract.ts';
import type { ClusterPicture, NodePicture } from '../core/cluster-picture.ts';
import type { JournalBody, JournalEvent, NodeState } from '../core/journal.ts';
import { PLAN_TIMINGS } from '../core/plan.ts';
import { FakeCluster } from './cluster/fake-cluster.ts';
import { createPanel, type Panel } from './panel.ts';

/** A cluster's patience, short enough for a test. */
const timings = {
  ...PLAN_TIMINGS,
  readyTimeoutMs: 400,
  restartDelayMs: 10,
  backoffFirstMs: 20,
  backoffMaxMs: 100,
  drainTimeoutMs: { worker: 400, datanode: 400 },
};
/** Test files run beside each other: each process has ports of its own. */
export const firstPort = 20_000 + ((process.pid * 40) % 20_000);

export class PanelBench {
  readonly home = mkdtempSync(path.join(tmpdir(), 'orrery-panel-'));
  readonly fake: FakeCluster;
  readonly #panels: Panel[] = [];

  constructor(options: { launchMs?: number; beats?: boolean } = {}) {
    this.fake = new FakeCluster(options);
  }

  async open(ports = `${firstPort}-${firstPort + 39}`): Promise<Panel> {
    const findEngine = () => Promise.resolve(this.fake.engine);
    const panel = await createPanel({ home: this.home, host: 'web', findEngine, timings, ports });
    this.#panels.push(panel);
    return panel;
  }

  /** A panel whose cluster (2 workers, 2 datanodes) is ready. */
  async running(): Promise<Panel> {
    const panel = await this.open();
    await start(panel);
    await ready(panel);
    return panel;
  }

  async close(): Promise<void> {
    for (const panel of this.#panels) await panel.close('leave').catch(() => null);
    await this.fake.close();
  }
}

export const start = (panel: Panel, options: object = {}) =>
  panel.handlers['cluster.start'](clusterOptions.parse({ workers: 2, datanodes: 2, ...options }));

export const look = (panel: Panel): Promise<ClusterPicture> => panel.handlers['cluster.picture'](undefined);

/** The picture as soon as it is so; looked at after every event of the journal, never after a time. */
export async function until(panel: Panel, wanted: (picture: ClusterPicture) => boolean): Promise<ClusterPicture> {
  const first = await look(panel);
  if (wanted(first)) return first;
  const abort = new AbortController();
  try {
    for await (const news of panel.handlers['journal.follow']({ afterSeq: first.seq }, abort.signal)) {
      const now = await look(panel);
      if (news.length > 0 && wanted(now)) return now;
    }
  } finally {
    abort.abort();
  }
  throw new Error('the journal ended');
}

export const ready = (panel: Panel) => until(panel, ({ phase }) => phase === 'running');

/** All of the past, oldest first. */
export async function past(panel: Panel): Promise<JournalEvent[]> {
  return (await panel.handlers['journal.page']({ beforeSeq: null, limit: 1_000 })).reverse();
}

export async function bodies<Type extends JournalBody['type']>(
  panel: Panel,
  type: Type,
): Promise<Extract<JournalBody, { type: Type }>[]> {
  const is = (body: JournalBody): body is Extract<JournalBody, { type: Type }> => body.type === type;
  return (await past(panel)).map(({ body }) => body).filter(is);
}

export const node = (now: ClusterPicture, name: string): NodePicture | undefined =>
  now.nodes.find((known) => known.node === name);

export const stateIs = (name: string, state: NodeState) => (now: ClusterPicture) => node(now, name)?.state === state;
