/** What users ask of nodes: each request becomes a journal event and a changed wish; the loop does the rest. */
import { ERRORS } from '../../../containers/protocol/error-table.ts';
import { OrreryError, isErrorCode } from '../../../containers/protocol/errors.ts';
import type { SpawnableRole } from '../../../containers/protocol/roles.ts';
import type { NodeOutcome } from '../../contract/contract.ts';
import { isDown, type NodePicture } from '../../core/cluster-picture.ts';
import { NODES_MAX, afterExit, desiredNode, refusal, spawned, withHeldDown, withIntent } from '../../core/desired.ts';
import type { Actor, JournalEvent } from '../../core/journal.ts';
import type { Journal } from '../store/journal.ts';
import type { Session } from './session.ts';

/** How long a kill may take before its asker is told that nothing came of it. */
const KILL_WAIT_MS = 15_000;

export type NodeRequestContext = { session: Session; journal: Journal; actor: Actor };

/** So many more of a role. Returns their names at once; they become ready on their own. */
export function spawnNodes({ session, journal, actor }: NodeRequestContext, role: SpawnableRole, count: number) {
  needEngine(session);
  if (role === 'worker' && actor !== 'autoscaler' && session.autoscaler?.settings.enabled === true)
    throw new OrreryError('autoscaler-on');
  const { desired } = session.state;
  const have = desired.nodes.filter((node) => node.role === role).length;
  if (have + count > NODES_MAX[role]) throw new OrreryError('too-many-nodes', { limit: NODES_MAX[role] });
  const next = spawned(desired, role, count);
  session.state.want(next.desired);
  for (const node of next.nodes) journal.record({ type: 'node-wanted', node, role, by: actor });
  session.wake();
  return next.nodes;
}

/** SIGKILL; the outcome of each comes when its end was seen. */
export function killNodes(context: NodeRequestContext, nodes: readonly string[]): Promise<NodeOutcome[]> {
  return endNodes(context, nodes, 'killed');
}

/** SIGKILL, or SIGTERM (and up again); the outcome of each comes when its end was seen. */
export function endNodes(
  context: NodeRequestContext,
  nodes: readonly string[],
  intent: 'killed' | 'stopped' | 'restarting',
): Promise<NodeOutcome[]> {
  return forEach(context, nodes, 'kill', (picture) => {
    const { session, journal, actor } = context;
    const { node } = picture;
    const { state } = session;
    if (isDown(picture)) {
      // Nothing runs: what is left is not to start it again.
      state.want(afterExit(state.desired, node));
      if (
        picture.engineWord === 'none' &&
        !state.notes(node).busy &&
        picture.role !== 'master' &&
        picture.role !== 'headnode'
      ) {
        journal.record({ type: 'node-kill-asked', node, by: actor });
        session.observer.neverLived(node);
      }
      return Promise.resolve();
    }
    const ended = endOf(journal, node);
    if (intent === 'killed') journal.record({ type: 'node-kill-asked', node, by: actor });
    else journal.record({ type: 'node-stop-asked', node, restart: intent === 'restarting', by: actor });
    state.want(withIntent(state.desired, node, intent));
    session.wake();
    return ended;
  });
}

/** Drains, then removes for good. The outcome says that it was begun. */
export function removeNodes(context: NodeRequestContext, nodes: readonly string[]): Promise<NodeOutcome[]> {
  return forEach(context, nodes, 'remove', ({ node }) => {
    beginRemoval(context, node);
    return Promise.resolve();
  });
}

/** Without effect when the node is being removed. */
export function beginRemoval({ session, journal, actor }: NodeRequestContext, node: string): void {
  const intent = desiredNode(session.state.desired, node)?.intent;
  if (intent === 'draining' || intent === 'removed') return;
  journal.record({ type: 'node-remove-asked', node, by: actor });
  session.state.want(withIntent(session.state.desired, node, intent === 'killed' ? 'removed' : 'draining'));
  session.wake();
}

/** Same identity, same volume. The outcome says that it was begun. */
export function respawnNodes(context: NodeRequestContext, nodes: readonly string[]): Promise<NodeOutcome[]> {
  return forEach(context, nodes, 'respawn', (picture) => {
    const { session, journal, actor } = context;
    const { node } = picture;
    if (!isDown(picture)) return Promise.resolve();
    const notes = session.state.notes(node);
    Object.assign(notes, { failures: 0, failedAtMs: null, notBeforeMs: null });
    journal.record({ type: 'node-respawn-asked', node, by: actor });
    if (picture.heldDown) journal.record({ type: 'node-held-down', node, held: false, by: actor });
    session.state.want(withHeldDown(withIntent(session.state.desired, node, 'running'), node, false));
    session.wake();
    return Promise.resolve();
  });
}

/** Whether master or headnode stays down after a kill. */
export async function holdDown(context: NodeRequestContext, node: string, held: boolean): Promise<NodeOutcome> {
  const [outcome] = await forEach(context, [node], 'hold-down', () => {
    const { session, journal, actor } = context;
    session.state.want(withHeldDown(session.state.desired, node, held));
    journal.record({ type: 'node-held-down', node, held, by: actor });
    session.wake();
    return Promise.resolve();
  });
  return outcome ?? { node, ok: false };
}

function needEngine(session: Session): void {
  if (session.state.engineLost) throw new OrreryError('engine-unavailable', { reason: 'the engine does not answer' });
}

/**
 * Freezes the whole cluster, so that it costs nothing, or lets it go on. The monitors are frozen first and
 * woken last: none of them is awake while its nodes are silent, so nobody is thought dead.
 */
export async function pauseAll({ session, journal }: NodeRequestContext, paused: boolean): Promise<null> {
  needEngine(session);
  const word = paused ? 'running' : 'paused';
  const nodes = journal.picture().nodes.filter(({ engineWord }) => engineWord === word);
  const isMonitor = ({ role }: NodePicture) => role === 'master' || role === 'headnode';
  const groups = [nodes.filter(isMonitor), nodes.filter((node) => !isMonitor(node))];
  for (const group of paused ? groups : groups.reverse()) {
    await Promise.all(
      group.map(({ node, role }) => {
        const ref = session.state.ref(node, role);
        return paused ? session.engine.pause(ref) : session.engine.unpause(ref);
      }),
    );
  }
  return null;
}

/** Every node gets its own outcome; one that is refused does not keep the others from it. */
function forEach(
  { session, journal }: NodeRequestContext,
  nodes: readonly string[],
  asked: 'kill' | 'remove' | 'respawn' | 'hold-down',
  begin: (picture: NodePicture) => Promise<void>,
): Promise<NodeOutcome[]> {
  const { nodes: known, guests } = journal.picture();
  const pictures = new Map(known.map((picture) => [picture.node, picture]));
  return Promise.all(
    [...new Set(nodes)].map(async (node): Promise<NodeOutcome> => {
      try {
        needEngine(session);
        if (guests.some((guest) => guest.node === node)) throw new OrreryError('guest-node', { node });
        const picture = pictures.get(node);
        const refused = refusal(session.state.desired, node, asked, picture === undefined || isDown(picture));
        if (refused !== null) throw new OrreryError(refused.code, refused.details);
        if (picture === undefined) throw new OrreryError('unknown-node', { node });
        await begin(picture);
        return { node, ok: true };
      } catch (error) {
        if (!(error instanceof OrreryError)) throw error;
        return { node, ok: false, code: error.code, error: error.message };
      }
    }),
  );
}

/** Resolves when the node's end is recorded; rejects when the kill failed or nothing came of it. */
function endOf(journal: Journal, node: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: OrreryError | null) => {
      clearTimeout(timer);
      forget();
      if (error === null) resolve();
      else reject(error);
    };
    const timer = setTimeout(
      () => finish(new OrreryError('engine-failed', { reason: `${node} still runs after ${KILL_WAIT_MS} ms` })),
      KILL_WAIT_MS,
    );
    const forget = journal.onEvent(({ body }: JournalEvent) => {
      if (body.type === 'node-exited' && body.node === node) finish(null);
      else if (body.type === 'node-removed' && body.node === node) finish(null);
      else if (body.type === 'cluster-stopped') finish(null);
      else if (body.type === 'engine-lost') finish(new OrreryError('engine-unavailable', { reason: body.reason }));
      else if (body.type === 'node-failed' && body.node === node)
        finish(new SaidAlready(isErrorCode(body.code) ? body.code : 'engine-failed', body.reason));
    });
  });
}

/** An error whose sentence is already made. */
class SaidAlready extends OrreryError {
  constructor(code: keyof typeof ERRORS, sentence: string) {
    super(code);
    this.message = sentence;
  }
}
