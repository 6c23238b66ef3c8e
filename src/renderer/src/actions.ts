/** Everything a person can make happen, for buttons, keys and the palette alike. */
import { notifications } from '@mantine/notifications';
import { toOrreryError, type OrreryError } from '../../../containers/protocol/errors.ts';
import type { SpawnableRole } from '../../../containers/protocol/roles.ts';
import type { ClusterRequest, KeptCluster, NodeOutcome, Preflight } from '../../contract/contract.ts';
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import { completePlan } from '../../core/load/load-plan.ts';
import { getClient } from './bridge.ts';
import type { Translate } from './messages/i18n.ts';
import { describeFailure } from './messages/describe-error.ts';
import { requestsStore } from './stores/requests-store.ts';
import { clearSelection, selectNodes, selectRequest } from './stores/selection-store.ts';
import { currentT } from './stores/settings-store.ts';
import { pictureStore } from './stores/picture-store.ts';

/** Shows an error: what happened, and what to do. */
function showError(error: OrreryError): void {
  const { what, todo } = describeFailure(error);
  notifications.show({
    id: `${error.code}:${what}`,
    color: 'red',
    title: what,
    message: todo,
    autoClose: 10_000,
    withBorder: true,
    closeButtonProps: { 'aria-label': currentT()('action.close') },
  });
}

/** Performs `act` and shows what goes wrong. Resolves with undefined on failure. */
export async function attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (thrown) {
    showError(toOrreryError(thrown, 'the panel'));
    return undefined;
  }
}

function showOutcomes(outcomes: NodeOutcome[] | undefined): void {
  const failed = outcomes?.filter((outcome) => !outcome.ok) ?? [];
  if (failed.length === 0) return;
  notifications.show({
    color: 'red',
    title: currentT()('error.some-nodes', { count: failed.length }),
    message: failed
      .slice(0, 5)
      .map((outcome) => `${outcome.node}: ${outcome.error ?? outcome.code ?? ''}`)
      .join('\n'),
    withBorder: true,
  });
}

export async function startCluster(options: ClusterRequest): Promise<void> {
  clearSelection();
  await attempt(() => getClient().call('cluster.start', options));
}

/** Stopped clusters whose data waits for them. */
export async function keptClusters(): Promise<KeptCluster[]> {
  return (await attempt(() => getClient().call('cluster.kept', undefined))) ?? [];
}

/** Freezes the cluster, or lets it go on: for a machine that is needed for something else. */
export async function pauseCluster(paused: boolean): Promise<void> {
  await attempt(() => getClient().call('cluster.pause', { paused }));
}

/** What this machine has room for. */
export function preflight(): Promise<Preflight | undefined> {
  return attempt(() => getClient().call('host.preflight', undefined));
}

/** What is left of a stopped cluster, in words. */
export function describeLeft(t: Translate, left: NonNullable<ClusterPicture['left']>): string {
  return left.nodes + left.networks + left.volumes === 0 ? t('cluster.left-nothing') : t('cluster.left', left);
}

/** Stops the cluster; `keepAs` keeps its data under that name. */
export async function stopCluster(keepAs: string | null): Promise<void> {
  const t = currentT();
  const done = await attempt(() => getClient().call('cluster.stop', { keepAs }));
  if (!done) return;
  const { nodes, networks, volumes } = done.left;
  const clean = nodes + networks === 0 && (keepAs !== null || volumes === 0);
  notifications.show({
    color: clean ? 'teal' : 'red',
    title: clean ? t('cluster.stopped-clean') : t('cluster.stopped-left'),
    message: describeLeft(t, done.left),
    withBorder: true,
  });
  clearSelection();
}

export async function spawnNodes(role: SpawnableRole, count: number): Promise<void> {
  await attempt(() => getClient().call('nodes.spawn', { role, count }));
}

/** Traffic to look at: a few calculations a second, for two minutes. */
export async function startSomeLoad(): Promise<void> {
  const seed = String(Date.now() % 1e6);
  const loop = { kind: 'open' as const, rate: 20, shape: { kind: 'poisson' as const } };
  const plan = completePlan({ loop, durationMs: 120_000, warmupMs: 0, seed });
  await attempt(() => getClient().call('load.start', { plan, name: null, allowRemote: null }));
}

export async function killNodes(nodes: readonly string[]): Promise<void> {
  showOutcomes(await attempt(() => getClient().call('nodes.kill', { nodes: [...nodes] })));
}

export async function removeNodes(nodes: readonly string[]): Promise<void> {
  showOutcomes(await attempt(() => getClient().call('nodes.remove', { nodes: [...nodes] })));
}

export async function respawnNodes(nodes: readonly string[]): Promise<void> {
  showOutcomes(await attempt(() => getClient().call('nodes.respawn', { nodes: [...nodes] })));
}

export async function holdDown(node: string, held: boolean): Promise<void> {
  const outcome = await attempt(() => getClient().call('nodes.hold-down', { node, held }));
  if (outcome) showOutcomes([outcome]);
}

export async function calculate(expression: string): Promise<void> {
  requestsStore.setState({ calculation: { state: 'busy' } });
  try {
    const answer = await getClient().call('tasks.calculate', { expression });
    requestsStore.setState({ calculation: { state: 'answered', answer } });
  } catch (thrown) {
    requestsStore.setState({ calculation: { state: 'failed', error: toOrreryError(thrown, 'the panel') } });
  }
}

export type RecordAction = { do: 'put'; key: string; value: string } | { do: 'get' | 'delete'; key: string };

export async function actOnRecord(action: RecordAction): Promise<void> {
  requestsStore.setState({ record: { state: 'busy' } });
  const client = getClient();
  try {
    const answer =
      action.do === 'put'
        ? await client.call('records.put', { key: action.key, value: action.value })
        : action.do === 'get'
          ? await client.call('records.get', { key: action.key })
          : await client.call('records.delete', { key: action.key });
    requestsStore.setState((state) => ({
      record: { state: 'answered', answer },
      recordsVersion: state.recordsVersion + (action.do === 'get' ? 0 : 1),
    }));
  } catch (thrown) {
    requestsStore.setState({ record: { state: 'failed', error: toOrreryError(thrown, 'the panel') } });
  }
}

/** Selects all nodes of a role, or all nodes. */
export function selectRole(role: SpawnableRole | 'all'): void {
  const { nodes } = pictureStore.getState().picture;
  selectNodes(nodes.filter((node) => role === 'all' || node.role === role).map((node) => node.node));
}

/** Shows where the newest request went. */
export function selectNewestRequest(): void {
  const [newest] = pictureStore.getState().picture.requests;
  if (newest) selectRequest(newest.id);
}

export async function copyText(text: string): Promise<void> {
  const t = currentT();
  try {
    await navigator.clipboard.writeText(text);
    notifications.show({
      color: 'teal',
      title: t('copy.done'),
      message: shortened(text),
      autoClose: 2_000,
      withBorder: true,
    });
  } catch {
    notifications.show({ color: 'red', title: t('copy.failed'), message: text, withBorder: true });
  }
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);
