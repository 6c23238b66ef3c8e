/** What can be done to a node or an edge, where it was asked for: by the right button, or by the F key. */
import { Menu } from '@mantine/core';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { isBuried, type NodePicture } from '../../../../core/cluster-picture.ts';
import { endNodes, healFaults, partition, pauseNodes, slowDisks, troubleLink } from '../../fault-actions.ts';
import { killNodes, respawnNodes } from '../../actions.ts';
import type { Translate } from '../../messages/i18n.ts';
import { briefMs, describeFault, percent } from '../../parts/describe-fault.ts';
import { faultsAbout } from '../../parts/fault-marks.ts';
import { perform } from '../../perform.ts';
import { putOnSide } from '../../stores/fault-draft-store.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { selectEdge, selectNodes } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';

type Target = { nodes: readonly string[] } | { from: string; to: string };
type Place = { target: Target; x: number; y: number };

const placeStore = createStore<{ place: Place | null }>(() => ({ place: null }));

/** Opens the menu at a point of the window. */
export function openBreakMenu(target: Target, x: number, y: number): void {
  placeStore.setState({ place: { target, x, y } });
}

const close = (): void => placeStore.setState({ place: null });

const QUICK = { delayMs: 200, jitterMs: 0, lossShare: 0, bothWays: true };
const QUICK_LOSS = 0.1;
const LOSE = { ...QUICK, delayMs: 0, lossShare: QUICK_LOSS };
const QUICK_DISK_MS = 100;

type Item = { label: string; act: () => void };
const item = (label: string, act: () => Promise<void>): Item => ({ label, act: () => perform(act()) });

export function BreakMenu() {
  const t = useT();
  const place = useStore(placeStore, (state) => state.place);
  const all = usePicture((picture) => picture.nodes);
  const faults = usePicture((picture) => picture.faults);
  if (place === null) return null;
  const { target, x, y } = place;
  const about = faultsAbout(faults, all, target);
  const what = 'nodes' in target ? target.nodes.join(', ') : `${target.from} – ${target.to}`;
  const groups = [
    about.map(({ fault, spec }) =>
      item(t('faults.heal-one', { fault: describeFault(spec, t) }), () => healFaults(fault)),
    ),
    ...('nodes' in target
      ? nodeItems(
          t,
          all.filter((node) => target.nodes.includes(node.node)),
        )
      : edgeItems(t, target)),
  ];
  return (
    <Menu
      opened
      onClose={close}
      position="bottom-start"
      offset={2}
      returnFocus
      menuItemTabIndex={0}
      withInitialFocusPlaceholder={false}
      aria-label={t('break.menu', { what })}
    >
      <Menu.Target>
        <span style={{ position: 'fixed', left: x, top: y, width: 1, height: 1 }} aria-hidden="true" />
      </Menu.Target>
      <Menu.Dropdown data-testid="break-menu">
        <Menu.Label>{what}</Menu.Label>
        {groups.map((items, at) => [
          at > 0 && items.length > 0 && (groups[at - 1]?.length ?? 0) > 0 && <Menu.Divider key={`rule-${at}`} />,
          ...items.map(({ label, act }) => (
            <Menu.Item key={label} onClick={act}>
              {label}
            </Menu.Item>
          )),
        ])}
      </Menu.Dropdown>
    </Menu>
  );
}

function nodeItems(t: Translate, chosen: readonly NodePicture[]): Item[][] {
  const up = chosen.filter((node) => node.engineWord === 'running').map((node) => node.node);
  const down = chosen.filter(isBuried).map((node) => node.node);
  const disks = chosen.filter((node) => node.role !== 'worker').map((node) => node.node);
  const back = down.length > 0 ? [item(t('action.respawn'), () => respawnNodes(down))] : [];
  if (up.length === 0) return [back];
  return [
    [
      item(t('action.kill'), () => killNodes(up)),
      item(t('break.stop'), () => endNodes('stop', up)),
      item(t('break.restart'), () => endNodes('restart', up)),
      ...back,
    ],
    [
      item(t('break.pause'), () => pauseNodes(up)),
      item(t('break.cut-off'), () => partition(up, null)),
      item(t('break.delay-by', { delay: briefMs(QUICK.delayMs) }), () => troubleLink(up, 'all', QUICK)),
      item(t('break.lose', { loss: percent(QUICK_LOSS) }), () => troubleLink(up, 'all', LOSE)),
      ...(disks.length > 0
        ? [item(t('break.slow-by', { delay: briefMs(QUICK_DISK_MS) }), () => slowDisks(disks, QUICK_DISK_MS))]
        : []),
    ],
    [
      { label: t('break.side', { side: 'A' }), act: () => putOnSide('A', up) },
      { label: t('break.side', { side: 'B' }), act: () => putOnSide('B', up) },
      { label: t('break.sliders'), act: () => selectNodes(chosen.map((node) => node.node)) },
    ],
  ];
}

function edgeItems(t: Translate, { from, to }: { from: string; to: string }): Item[][] {
  return [
    [
      item(t('break.cut'), () => partition([from], [to])),
      item(t('break.cut-way', { from, to }), () => partition([from], [to], true)),
      item(t('break.cut-way', { from: to, to: from }), () => partition([to], [from], true)),
    ],
    [
      item(t('break.delay-by', { delay: briefMs(QUICK.delayMs) }), () => troubleLink([from], [to], QUICK)),
      item(t('break.lose', { loss: percent(QUICK_LOSS) }), () => troubleLink([from], [to], LOSE)),
      { label: t('break.sliders'), act: () => selectEdge(from, to) },
    ],
  ];
}
