/** A panel for tests of the command line: a journal in memory, nodes that become ready as soon as they are wanted. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Handlers, NodeOutcome } from '../../contract/contract.ts';
import { fakeHandlers } from '../../contract/rpc/fake-handlers.ts';
import { EMPTY_PICTURE, type ClusterPicture } from '../../core/cluster-picture.ts';
import { fold } from '../../core/fold.ts';
import type { Actor, JournalBody, JournalEvent } from '../../core/journal.ts';
import type { Role } from '../../../containers/protocol/roles.ts';
import type { Panel } from './ports.ts';

export type FakePanelOptions = {
  /** Nodes that never become ready. */
  stuck?: string[];
  /** The start neither succeeds nor fails. */
  hanging?: boolean;
  /** How long removal takes, ms. */
  stopMs?: number;
};

class FakeJournal {
  readonly events: JournalEvent[] = [];
  picture: ClusterPicture = EMPTY_PICTURE;
  #wake: (() => void)[] = [];

  add(body: JournalBody): void {
    const seq = this.events.length + 1;
    const event = { seq, hlc: String(seq), atMs: seq, body };
    this.events.push(event);
    this.picture = fold(this.picture, event);
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *follow(afterSeq: number | null, signal: AbortSignal): AsyncGenerator<JournalEvent[]> {
    signal.addEventListener('abort', () => this.#wake.splice(0).forEach((wake) => wake()));
    for (let seq = afterSeq ?? 0; !signal.aborted;) {
      const news = this.events.slice(seq);
      seq = this.events.length;
      if (news.length > 0) yield news;
      else await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}

export function createFakePanel(options: FakePanelOptions = {}): Panel {
  const journal = new FakeJournal();
  const launch = (node: string, role: Role, by: Actor) => {
    journal.add({ type: 'node-wanted', node, role, by });
    journal.add({ type: 'node-launched', node, role });
    journal.add({ type: 'node-started', node, atMs: 1 });
    if (options.stuck?.includes(node)) {
      journal.add({ type: 'node-not-ready', node, awaited: 'its first heartbeat', waitedMs: 30_000 });
      return;
    }
    journal.add({ type: 'node-ready', node, tookMs: 1 });
    makeReady(journal, node, role);
  };
  const launchMany = (role: 'worker' | 'datanode', count: number, by: Actor) => {
    const first = journal.events.filter(({ body }) => body.type === 'node-wanted' && body.role === role).length + 1;
    const nodes = Array.from({ length: count }, (_, index) => `${role}-${first + index}`);
    for (const node of nodes) launch(node, role, by);
    return nodes;
  };

  const handlers: Handlers = fakeHandlers({
    'cluster.picture': () => Promise.resolve(journal.picture),
    'journal.follow': ({ afterSeq }, signal) => journal.follow(afterSeq, signal),
    'cluster.progress': async function* () {
      yield { step: 'image', done: 0, total: null };
    },
    'cluster.start': ({ engine, workers, datanodes, name }) => {
      const title = `Fake for ${engine}`;
      journal.add({
        type: 'cluster-starting',
        cluster: 'c1',
        run: 'r1',
        engine: 'fake',
        engineTitle: title,
        name,
        adopted: false,
      });
      journal.add({ type: 'cluster-endpoints', master: 'http://127.0.0.1:1', headnode: 'http://127.0.0.1:2' });
      if (options.hanging) return new Promise(() => {});
      launch('master', 'master', 'supervisor');
      launch('headnode', 'headnode', 'supervisor');
      launchMany('worker', workers, 'supervisor');
      launchMany('datanode', datanodes, 'supervisor');
      if (!options.stuck) journal.add({ type: 'cluster-ready', tookMs: 1 });
      return Promise.resolve({ cluster: 'c1' });
    },
    'cluster.stop': async ({ keepAs }) => {
      if (journal.picture.phase === 'none') throw new OrreryError('no-cluster');
      journal.add({ type: 'cluster-stopping', keepVolumes: keepAs !== null });
      await new Promise((resolve) => setTimeout(resolve, options.stopMs ?? 0));
      const left = { nodes: 0, networks: 0, volumes: keepAs === null ? 0 : 5 };
      journal.add({ type: 'cluster-stopped', left });
      return { left };
    },
    'nodes.spawn': ({ role, count }, context) =>
      Promise.resolve({ nodes: launchMany(role, count, context?.actor ?? 'user') }),
    'nodes.kill': ({ nodes }) => Promise.resolve(nodes.map((node) => killOne(journal, node))),
  });
  return {
    handlers,
    async close() {
      const { phase } = journal.picture;
      if (phase !== 'none' && phase !== 'stopped') await handlers['cluster.stop']({ keepAs: null });
    },
  };
}

function makeReady(journal: FakeJournal, node: string, role: Role): void {
  if (role === 'master' || role === 'headnode') {
    journal.add({ type: 'monitor-connected', monitor: role, incarnation: 1 });
    return;
  }
  const monitor = role === 'worker' ? 'master' : 'headnode';
  const event = { type: 'member-ready', node, incarnation: 1 } as const;
  journal.add({ type: 'monitor-event', monitor, hlc: '1', event });
}

function killOne(journal: FakeJournal, node: string): NodeOutcome {
  if (!journal.picture.nodes.some((known) => known.node === node)) {
    const { code, message } = new OrreryError('unknown-node', { node });
    return { node, ok: false, code, error: message };
  }
  journal.add({ type: 'node-kill-asked', node, by: 'command-line' });
  journal.add({ type: 'node-exited', node, cause: 'killed', exitCode: 137, atMs: 1 });
  return { node, ok: true };
}
