/** The five course systems as presets: what a cluster needs for each, and how it is called from a terminal. */
import type { AutoscalerChange } from '../../../containers/protocol/autoscaler.ts';
import type { OrderChange } from '../../../containers/protocol/guests.ts';
import { COURSE_PORTS, courseConflict, courseEndpoints, type CoursePort } from './course-ports.ts';

export const COURSES = ['calculator', 'salad', 'sockets', 'elastic', 'weather'] as const;
export type Course = (typeof COURSES)[number];

/** `master`: how the master is set as soon as it answers. */
type Preset = {
  workers: number;
  datanodes: number;
  ports: readonly CoursePort[];
  page: CoursePage;
  master?: MasterSettings;
};
export type MasterSettings = { autoscaler?: AutoscalerChange | undefined; orders?: OrderChange | undefined };
/** The page of the window that shows the course at work. */
type CoursePage = 'tasks' | 'records' | 'elastic' | 'weather';

export const PRESETS: Record<Course, Preset> = {
  calculator: { workers: 1, datanodes: 1, ports: ['calculator'], page: 'tasks' },
  salad: { workers: 1, datanodes: 1, ports: ['salad'], page: 'tasks', master: { orders: { native: true } } },
  sockets: { workers: 1, datanodes: 3, ports: ['sockets'], page: 'records' },
  elastic: { workers: 3, datanodes: 1, ports: ['lines'], page: 'elastic', master: { autoscaler: { enabled: true } } },
  weather: { workers: 2, datanodes: 3, ports: [], page: 'weather' },
};

/** Where programs of the courses find the cluster; null where it is not published. */
export type Addresses = {
  http: string;
  salad: string;
  shared: string;
  lines: string | null;
  sockets: string | null;
};

type Endpoints = { master: string; course: Record<string, string> };

/** As they are. The master serves everything of the salad course at its own port too. */
export function addressesOf({ master, course }: Endpoints): Addresses {
  const { calculator = master, salad = master, shared = master, lines = null, sockets = null } = course;
  return { http: calculator, salad, shared, lines, sockets };
}

/** As they would be with these ports published; `master` stands for the address that is not known before the start. */
export function addressesWith(ports: readonly CoursePort[], master: string): Addresses {
  return addressesOf({ master, course: courseEndpoints(ports) });
}

/** Of the published addresses by name: which ports of the courses they are. */
export const portsPublished = (course: Record<string, string>): CoursePort[] =>
  COURSE_PORTS.filter((port) => port in course);

/** `have` with those of `course` too; what stands in their way is given up. */
export function portsWith(have: readonly CoursePort[], course: Course): CoursePort[] {
  const wanted = PRESETS[course].ports;
  const kept = have.filter((port) => !wanted.includes(port) && courseConflict([...wanted, port]) === null);
  return COURSE_PORTS.filter((port) => wanted.includes(port) || kept.includes(port));
}

/** `have` without those of `course`. */
export const portsWithout = (have: readonly CoursePort[], course: Course): CoursePort[] =>
  have.filter((port) => !PRESETS[course].ports.includes(port));

/** Lines for a terminal that use the course's system once. */
export function curlsOf(course: Course, { http, salad, shared, lines, sockets }: Addresses): string[] {
  const json = "-H 'Content-Type: application/json'";
  switch (course) {
    case 'calculator':
      return [
        `curl '${http}/submit-task?wait=5s' ${json} -d '{"payload":"4 * (2 + 3)"}'`,
        `curl ${http}/tasks`,
        `curl ${http}/slaves`,
      ];
    case 'salad':
      return [
        `curl ${shared}/create_task/ ${json} -d '[{"fruit":"mango"},{"fruit":"kiwi"}]'`,
        `curl ${salad}/send_task ${json} -d '{"nom_worker":"w1"}'`,
        `curl ${salad}/send_command`,
      ];
    case 'sockets':
      return sockets === null
        ? []
        : [`(printf Cliente; sleep 1; printf hola; sleep 1; printf salir) | ${netcat(sockets)}`];
    case 'elastic':
      return [
        ...(lines === null ? [] : [`printf '2 + 3\\nquit\\n' | ${netcat(lines)}`]),
        `for n in $(seq 1000); do curl -sS ${http}/submit-task ${json} -d '{"payload":"'$n' * 2"}'; done`,
      ];
    case 'weather':
      return [`curl '${http}/weather?city=Paris&source=demo'`, `curl '${http}/records?prefix=weather/paris&limit=5'`];
  }
}

/** host:port as the two words that nc takes. */
const netcat = (address: string): string => `nc ${address.replace(':', ' ')}`;
