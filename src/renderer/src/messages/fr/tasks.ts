import type { tasks as english } from '../en/tasks.ts';

export const tasks: Record<keyof typeof english, string> = {
  'tasks.text': 'Acceptées par le maître, faites par les workers.',
  'tasks.recent': 'Tâches récentes',
  'tasks.count': '{count, plural, one {# tâche} other {# tâches}}',
  'tasks.none': 'Pas encore de tâche. Envoyez-en une plus haut.',
  'task.pending': 'en attente',
  'task.assigned': 'attribuée',
  'task.done': 'faite',
  'task.failed': 'échouée',
};
