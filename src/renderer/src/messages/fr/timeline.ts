import type { timeline as english } from '../en/timeline.ts';

export const timeline: Record<keyof typeof english, string> = {
  'timeline.label': 'Frise du temps',
  'timeline.events': 'Événements',
  'timeline.filter': 'Filtrer les événements',
  'timeline.older': 'Événements plus anciens',
  'timeline.rate': 'débit',
  'timeline.p95': 'p95',
  'timeline.picture': 'Les cinq dernières minutes : événements en marques, débit et p95 en lignes',
  'timeline.around': 'Événements autour de {at}',
  'timeline.newest': 'Montrer les plus récents',
  'timeline.nothing': 'Rien ne s’est passé à moins d’une demi-minute.',
};
