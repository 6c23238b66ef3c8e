/**
 * The ports of the five course systems: programs written for them call 127.0.0.1 at fixed ports, so
 * on request the cluster is published there too. Which, and what stands in each other's way.
 */
import type { PortName } from '../../../containers/protocol/roles.ts';
import type { Monitor } from '../node-names.ts';

/** What can be asked for. `calculator` and `sockets` both want 5000. */
export const COURSE_PORTS = ['calculator', 'salad', 'lines', 'sockets'] as const;
export type CoursePort = (typeof COURSE_PORTS)[number];

type Publication = { node: Monitor; port: PortName; hostPort: number };

/** Where each name in `endpoints` answers. `calculator` is the master's own HTTP. */
const PUBLICATIONS: Record<CoursePort, Record<string, Publication>> = {
  calculator: { calculator: { node: 'master', port: 'http', hostPort: 5000 } },
  salad: {
    salad: { node: 'master', port: 'salad', hostPort: 8000 },
    shared: { node: 'master', port: 'shared', hostPort: 8001 },
  },
  lines: { lines: { node: 'master', port: 'lines', hostPort: 5001 } },
  sockets: { sockets: { node: 'headnode', port: 'sockets', hostPort: 5000 } },
};

const publications = (wanted: readonly CoursePort[]): Publication[] =>
  wanted.flatMap((name) => Object.values(PUBLICATIONS[name]));

/** A port that two of those asked for want; null when they get along. */
export function courseConflict(wanted: readonly CoursePort[]): number | null {
  const seen = new Set<number>();
  for (const { hostPort } of publications(wanted)) {
    if (seen.has(hostPort)) return hostPort;
    seen.add(hostPort);
  }
  return null;
}

/** All ports of this machine that they take. */
export const courseHostPorts = (wanted: readonly CoursePort[]): number[] =>
  publications(wanted).map(({ hostPort }) => hostPort);

/** The port at which the master's HTTP has to be published; null: any. */
export const courseHttpPort = (wanted: readonly CoursePort[]): number | null =>
  publications(wanted).find(({ port }) => port === 'http')?.hostPort ?? null;

/** Further ports of a node to publish: its port's name → the port of this machine. */
export function coursePublished(wanted: readonly CoursePort[], node: string): Partial<Record<PortName, number>> {
  const own = publications(wanted).filter((found) => found.node === node && found.port !== 'http');
  return Object.fromEntries(own.map(({ port, hostPort }) => [port, hostPort]));
}

/** Addresses for people and for `up --json`: URLs where HTTP is spoken, host:port where not. */
export function courseEndpoints(wanted: readonly CoursePort[]): Record<string, string> {
  const named = wanted.flatMap((name) => Object.entries(PUBLICATIONS[name]));
  return Object.fromEntries(
    named.map(([name, { port, hostPort }]) => {
      const isHttp = port !== 'lines' && port !== 'sockets';
      return [name, `${isHttp ? 'http://' : ''}127.0.0.1:${hostPort}`];
    }),
  );
}
