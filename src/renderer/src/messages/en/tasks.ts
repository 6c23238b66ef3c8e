export const tasks = {
  'tasks.text': 'Accepted by the master, done by workers.',
  'tasks.recent': 'Recent tasks',
  'tasks.count': '{count, plural, one {# task} other {# tasks}}',
  'tasks.none': 'No task yet. Send one above.',
  'task.pending': 'pending',
  'task.assigned': 'assigned',
  'task.done': 'done',
  'task.failed': 'failed',
};
