/** Every page and every action behind one key (Ctrl+K or Cmd+K). */
import { Spotlight } from '@mantine/spotlight';
import { useMemo } from 'react';
import {
  killNodes,
  pauseCluster,
  removeNodes,
  respawnNodes,
  selectNewestRequest,
  selectRole,
  spawnNodes,
  startCluster,
} from '../../actions.ts';
import { endNodes, healFaults, partition, pauseNodes, troubleLink } from '../../fault-actions.ts';
import { openStopDialog } from '../../stores/stop-dialog-store.ts';
import type { Translate } from '../../messages/i18n.ts';
import { playBundled } from '../../player/playback.ts';
import { openPage, PAGES, toggleEvents } from '../../stores/navigation-store.ts';
import { useHasCluster, usePicture } from '../../stores/picture-store.ts';
import { clearSelection, selectNodes, useSelection } from '../../stores/selection-store.ts';
import { showStep } from '../../stores/tour-store.ts';
import { settingsStore, THEMES, useT } from '../../stores/settings-store.ts';
import { perform } from '../../perform.ts';

type Action = { id: string; label: string; description?: string; onClick: () => void };

function clusterActions(t: Translate, running: boolean): Action[] {
  if (!running)
    return [
      {
        id: 'start',
        label: t('action.start'),
        onClick: () => perform(startCluster({ engine: 'auto', workers: 3, datanodes: 3, name: null })),
      },
    ];
  return [
    ...(['worker', 'datanode'] as const).flatMap((role) => [
      { id: `spawn-${role}`, label: t(`spawn.${role}`), onClick: () => perform(spawnNodes(role, 1)) },
      { id: `select-${role}`, label: t(`action.select-all.${role}`), onClick: () => selectRole(role) },
    ]),
    { id: 'select-all', label: t('action.select-all.all'), onClick: () => selectRole('all') },
    { id: 'newest', label: t('action.newest-request'), onClick: selectNewestRequest },
    { id: 'heal-all', label: t('faults.heal-all'), onClick: () => perform(healFaults('all')) },
    { id: 'pause-all', label: t('action.pause-all'), onClick: () => perform(pauseCluster(true)) },
    { id: 'resume-all', label: t('action.resume-all'), onClick: () => perform(pauseCluster(false)) },
    { id: 'stop', label: t('action.stop'), onClick: () => openStopDialog(true) },
  ];
}

function selectionActions(t: Translate, nodes: readonly string[]): Action[] {
  if (nodes.length === 0) return [];
  const description = nodes.length > 4 ? t('bulk.selected', { count: nodes.length }) : nodes.join(', ');
  return [
    { id: 'kill', label: t('action.kill'), description, onClick: () => perform(killNodes(nodes)) },
    { id: 'respawn', label: t('action.respawn'), description, onClick: () => perform(respawnNodes(nodes)) },
    { id: 'remove', label: t('action.remove'), description, onClick: () => perform(removeNodes(nodes)) },
    { id: 'pause', label: t('break.pause'), description, onClick: () => perform(pauseNodes(nodes)) },
    { id: 'cut-off', label: t('break.cut-off'), description, onClick: () => perform(partition(nodes, null)) },
    { id: 'delay', label: t('break.link'), description, onClick: () => perform(troubleLink(nodes, 'all')) },
    { id: 'stop-nodes', label: t('break.stop'), description, onClick: () => perform(endNodes('stop', nodes)) },
    { id: 'restart', label: t('break.restart'), description, onClick: () => perform(endNodes('restart', nodes)) },
    { id: 'clear', label: t('action.clear-selection'), onClick: clearSelection },
  ];
}

function viewActions(t: Translate): Action[] {
  return [
    { id: 'tour', label: t('tour.replay'), onClick: () => showStep('spawn') },
    { id: 'recording', label: t('playback.first'), onClick: () => perform(playBundled()) },
    { id: 'events', label: t('action.events'), onClick: () => toggleEvents() },
    ...THEMES.map((theme) => ({
      id: `theme-${theme}`,
      label: t(`action.theme.${theme}`),
      onClick: () => settingsStore.setState({ theme }),
    })),
  ];
}

export function Palette() {
  const t = useT();
  const running = useHasCluster();
  const { nodes: selected } = useSelection();
  const names = usePicture((picture) => picture.nodes.map((node) => node.node).join(' '));
  const actions = useMemo(
    () => [
      {
        group: t('palette.pages'),
        actions: PAGES.map((page) => ({ id: page, label: t(`page.${page}`), onClick: () => openPage(page) })),
      },
      { group: t('palette.selection'), actions: selectionActions(t, selected) },
      { group: t('palette.cluster'), actions: clusterActions(t, running) },
      { group: t('palette.view'), actions: viewActions(t) },
      {
        group: t('palette.nodes'),
        actions: names
          .split(' ')
          .filter(Boolean)
          .map((node) => ({ id: `node-${node}`, label: node, onClick: () => selectNodes([node]) })),
      },
    ],
    [t, running, selected, names],
  );
  return (
    <Spotlight
      actions={actions.filter((group) => group.actions.length > 0)}
      shortcut="mod + K"
      // Also while an expression or a key is being typed.
      tagsToIgnore={[]}
      nothingFound={t('palette.nothing')}
      searchProps={{ placeholder: t('palette.placeholder'), 'aria-label': t('palette.placeholder') }}
      attributes={{ content: { 'aria-label': t('palette.open') } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}
      scrollable
      maxHeight={420}
      limit={60}
    />
  );
}
