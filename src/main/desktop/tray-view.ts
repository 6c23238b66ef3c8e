/** What the tray shows of a cluster: a pure function of its picture. */
import type { ClusterPicture } from '../../core/cluster-picture.ts';
import type { Say } from './words.ts';

/** What a click on an entry asks for; `null` for entries that only tell. */
export type TrayDoes = 'show' | 'heal' | 'quit-remove' | 'quit-keep' | 'quit' | null;
export type TrayEntry = { label: string; does: TrayDoes } | 'separator';
export type TrayView = { tooltip: string; entries: TrayEntry[] };

const FAULTS_SHOWN = 5;

/** @param keepAs name under which the data would be kept */
export function trayView(picture: ClusterPicture, keepAs: string, say: Say): TrayView {
  const state = stateText(picture, say);
  const { faults } = picture;
  const lives = picture.phase === 'running' || picture.phase === 'starting';
  const count = faults.length === 0 ? [] : [say('faults', { count: faults.length })];
  const told = (label: string): TrayEntry => ({ label, does: null });
  return {
    tooltip: ['Orrery', state, ...count].join(' · '),
    entries: [
      told(state),
      { label: say('showWindow'), does: 'show' },
      'separator',
      ...(faults.length === 0
        ? []
        : [
            ...count.map(told),
            ...faults.slice(0, FAULTS_SHOWN).map(({ fault, spec }) => told(`  ${spec.kind} ${fault}`)),
            { label: say('healAll'), does: 'heal' as const },
            'separator' as const,
          ]),
      ...(lives
        ? [
            { label: say('quitRemove'), does: 'quit-remove' as const },
            { label: say('quitKeep', { name: picture.name ?? keepAs }), does: 'quit-keep' as const },
          ]
        : [{ label: say('quit'), does: 'quit' as const }]),
    ],
  };
}

function stateText({ phase, nodes, engineLost }: ClusterPicture, say: Say): string {
  if (phase === 'none' || phase === 'stopped') return say('noCluster');
  if (phase === 'stopping') return say('stopping');
  if (engineLost !== null) return say('engineLost');
  const ready = nodes.filter(({ state }) => state === 'ready' || state === 'standby').length;
  return say(phase, { ready, all: nodes.length });
}
