import type { tasks as english } from '../en/tasks.ts';

export const tasks: Record<keyof typeof english, string> = {
  'tasks.text': 'Aceptadas por el maestro, hechas por los workers.',
  'tasks.recent': 'Tareas recientes',
  'tasks.count': '{count, plural, one {# tarea} other {# tareas}}',
  'tasks.none': 'Aún no hay tareas. Envíe una arriba.',
  'task.pending': 'pendiente',
  'task.assigned': 'asignada',
  'task.done': 'hecha',
  'task.failed': 'fallida',
};
