import type { playback as english } from '../en/playback.ts';

export const playback: Record<keyof typeof english, string> = {
  'playback.title': 'Un enregistrement',
  'playback.text': '{name} : ce qui s’est passé alors. Rien ne tourne, rien ne peut être changé.',
  'playback.play': 'Lire',
  'playback.hold': 'Suspendre',
  'playback.position': 'Position',
  'playback.speed': 'Vitesse',
  'playback.close': 'Fermer l’enregistrement',
  'playback.first': 'Lire l’enregistrement',
  'playback.open': 'Ouvrir un enregistrement',
  'playback.or': 'Ou regardez d’abord : une exécution enregistrée se lit sans aucun moteur.',
};
