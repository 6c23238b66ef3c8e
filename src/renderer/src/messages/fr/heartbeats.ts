import type { heartbeats as english } from '../en/heartbeats.ts';

export const heartbeats: Record<keyof typeof english, string> = {
  'hint.kill': 'SIGKILL : le processus finit aussitôt, avec tout ce qu’il faisait.',
  'hint.remove': 'Plus de nouveau travail, ce qui tourne est achevé, puis le nœud disparaît.',
  'hint.hold-down': 'Tué, il reste à terre au lieu d’être redémarré.',
  'heartbeats.text': 'Chaque membre dit à son moniteur qu’il vit ; le silence fait monter le soupçon φ.',
  'heartbeats.members': 'Membres',
  'heartbeats.formula': 'φ = −log₁₀ P(un battement vient encore après ce silence) ; agit à 8',
  'heartbeats.last-minute': 'Battements de la dernière minute',
  'heartbeats.mean': 'Intervalle',
  'heartbeats.phi-route': 'φ route',
  'heartbeats.phi-dead': 'φ mort',
  'hint.phi-route': 'À 8 le nœud ne reçoit plus de travail : peu cher si c’est une erreur.',
  'hint.phi-dead': 'Pardonne une pause ; à 8 le nœud est sondé, et mort si la sonde échoue.',
  'heartbeats.strip': 'Battements de {node} dans la dernière minute',
};
