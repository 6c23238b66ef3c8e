import type { latency as english } from '../en/latency.ts';

export const latency: Record<keyof typeof english, string> = {
  'latency.text':
    'De l’arrivée au premier nœud jusqu’à la réponse. Centiles d’histogrammes fusionnés, jamais moyennés.',
  'latency.chart': 'Centiles : {series}',
  'latency.chart-label': 'Centiles de {series} sur cinq minutes ; les dernières valeurs sont dans la table',
  'latency.count-caption': 'Requêtes par {seconds} s',
  'latency.requests': 'requêtes',
  'latency.latest': 'Dernière minute, toutes les séries',
  'latency.none': 'Rien de mesuré encore',
  'latency.none-text': 'Envoyez un calcul ou écrivez une donnée : sa latence se montre ici aussitôt.',
  'series.task-sync': 'tâches, réponse immédiate',
  'series.task-durable': 'tâches, en file',
  'series.record-put': 'données, écriture',
  'series.record-get': 'données, lecture',
  'series.record-delete': 'données, effacement',
  'series.record-list': 'données, liste',
};
