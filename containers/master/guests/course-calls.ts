/** The calls of the course that programs make to the master, and which of them a wrong path was meant to be. */
import type { GuestStep } from '../../protocol/guests.ts';

export type CourseCall = Pick<GuestStep, 'guest' | 'step'> & {
  /** As it should have been. */
  call: string;
};

/** By the name of the path without its punctuation. */
const CALLS: Record<string, CourseCall> = {
  registerslave: { guest: 'webhook', step: 'register', call: 'POST /register-slave' },
  completetask: { guest: 'webhook', step: 'result', call: 'POST /complete-task/<task_id>' },
  submittask: { guest: 'calculator', step: 'submit', call: 'POST /submit-task' },
  tasks: { guest: 'calculator', step: 'outcome', call: 'GET /tasks/<task_id>' },
  sendtask: { guest: 'pulling', step: 'ask', call: 'POST /send_task' },
  result: { guest: 'pulling', step: 'result', call: 'POST /result' },
  createtask: { guest: 'pulling', step: 'order', call: 'POST /create_task/' },
  gettaskstodo: { guest: 'pulling', step: 'handed-over', call: 'GET /get_tasks_to_do/' },
  sendcommand: { guest: 'pulling', step: 'command', call: 'GET /send_command' },
};

/** The call that a path without a route resembles; null when it resembles none. */
export function callMeant(path: string): CourseCall | null {
  for (const segment of path.split('/')) {
    const name = segment.toLowerCase().replace(/[^a-z]/g, '');
    const meant = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    if (meant !== undefined) return meant;
  }
  return null;
}
