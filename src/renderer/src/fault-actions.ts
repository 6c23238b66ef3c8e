/** Breaking and healing, for buttons, menus, keys and the palette alike. */
import { createElement } from 'react';
import { notifications } from '@mantine/notifications';
import type { FaultSpec } from '../../core/faults/fault.ts';
import { edgesOf } from '../../core/faults/fault-rules.ts';
import { attempt } from './actions.ts';
import { getClient } from './bridge.ts';
import { describeFault, describeMeasured, describeMeasures } from './parts/describe-fault.ts';
import { HealedNotice } from './parts/HealedNotice.tsx';
import { draftStore } from './stores/fault-draft-store.ts';
import { pictureStore } from './stores/picture-store.ts';
import { currentT } from './stores/settings-store.ts';

/** A notice that offers something stays longer than others; the tombstones offer it as well. */
const OFFER_MS = 10_000;

/** Brings a fault about, and shows what was measured of it. */
export async function injectFault(spec: FaultSpec): Promise<void> {
  const injected = await attempt(() => getClient().call('faults.inject', spec));
  const during = injected?.measured.find(({ phase }) => phase === 'during');
  if (!during) return;
  const t = currentT();
  notifications.show({
    color: 'yellow',
    title: describeFault(spec, t),
    message: describeMeasured(during, t),
    withBorder: true,
    closeButtonProps: { 'aria-label': t('action.close') },
  });
}

/** Ends a fault, or `all`, and shows the proof. */
export async function healFaults(fault: string): Promise<void> {
  const answer = await attempt(() => getClient().call('faults.heal', { fault }));
  if (!answer || answer.othersOn > 0) return;
  const t = currentT();
  const { clean, checks, unknown, down } = answer;
  const left = checks.filter(({ ok }) => ok !== true);
  notifications.show({
    color: clean === true ? 'teal' : 'red',
    title: t('faults.healed'),
    message: createElement(HealedNotice, {
      proof:
        clean === null
          ? t('event.faults-unknown', { why: unknown ?? '' })
          : clean
            ? t('event.faults-clean', { count: checks.length })
            : t('event.faults-dirty', { text: describeMeasures(left, t) }),
      down,
    }),
    autoClose: down.length === 0 || OFFER_MS,
    withBorder: true,
    closeButtonProps: { 'aria-label': t('action.close') },
  });
}

export const endNodes = (kind: 'stop' | 'restart', nodes: readonly string[]): Promise<void> =>
  injectFault({ kind, nodes: [...nodes] });

export const pauseNodes = (nodes: readonly string[]): Promise<void> =>
  injectFault({ kind: 'pause', nodes: [...nodes], forMs: draftStore.getState().forMs });

export const slowDisks = (nodes: readonly string[], delayMs = draftStore.getState().diskMs): Promise<void> =>
  injectFault({ kind: 'slow-disk', nodes: [...nodes], delayMs, forMs: draftStore.getState().forMs });

/** Between two sides; without the second, between the nodes and everybody they talk to. */
export function partition(sideA: readonly string[], sideB: readonly string[] | null, oneWay = false): Promise<void> {
  const { forMs } = draftStore.getState();
  return injectFault({
    kind: 'partition',
    sideA: [...sideA],
    sideB: [...(sideB ?? othersOf(sideA))],
    oneWay,
    forMs,
  });
}

/** Delay and loss, as given or as the sliders stand. */
export function troubleLink(
  from: readonly string[],
  to: readonly string[] | 'all',
  change: { delayMs?: number; jitterMs?: number; lossShare?: number; bothWays?: boolean } = {},
): Promise<void> {
  const { delayMs, jitterMs, lossShare, bothWays, forMs } = { ...draftStore.getState(), ...change };
  const jitter = Math.min(jitterMs, delayMs);
  const ends = to === 'all' ? to : [...to];
  return injectFault({
    kind: 'link',
    from: [...from],
    to: ends,
    bothWays,
    delayMs,
    jitterMs: jitter,
    lossShare,
    forMs,
  });
}

/** Whoever runs and talks to one of the nodes. */
function othersOf(nodes: readonly string[]): string[] {
  const running = pictureStore.getState().picture.nodes.filter((node) => node.engineWord === 'running');
  const others = running.map((node) => node.node).filter((node) => !nodes.includes(node));
  const spec = { kind: 'partition' as const, sideA: [...nodes], sideB: others, oneWay: true, forMs: 0 };
  return [...new Set(edgesOf(spec, running).map(({ to }) => to))];
}
