/** Host ports on loopback for what is published: a bounded pool, used again and again. */
import { createServer } from 'node:net';
import { OrreryError } from '../../../containers/protocol/errors.ts';

export type PortRange = { from: number; to: number };

const DEFAULT_PORTS: PortRange = { from: 41_200, to: 41_299 };

/** Reads ORRERY_PORTS (`from-to`); throws `bad-usage` for anything else. */
export function portRange(text: string | undefined): PortRange {
  if (text === undefined || text === '') return DEFAULT_PORTS;
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2]);
  if (match === null || from < 1 || to > 65_535 || from > to)
    throw new OrreryError('bad-usage', { reason: `ORRERY_PORTS must be like 41200-41299, it is ${text}` });
  return { from, to };
}

export type PortPool = {
  readonly range: PortRange;
  /** The lowest port that is neither handed out nor bound by anybody. Rejects with `ports-exhausted`. */
  take(): Promise<number>;
  /** Marks ports as handed out (an adopted cluster's). */
  keep(ports: readonly number[]): void;
  give(port: number): void;
};

/** `isFree` tries a port by binding it. */
export function createPortPool(range: PortRange, isFree: (port: number) => Promise<boolean> = canBind): PortPool {
  const taken = new Set<number>();
  return {
    range,
    async take() {
      for (let port = range.from; port <= range.to; port++) {
        if (taken.has(port)) continue;
        taken.add(port);
        if (await isFree(port)) return port;
        taken.delete(port);
      }
      throw new OrreryError('ports-exhausted', range);
    },
    keep(ports) {
      for (const port of ports) taken.add(port);
    },
    give(port) {
      taken.delete(port);
    },
  };
}

/** Whether a port of loopback can be bound now. */
export function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
