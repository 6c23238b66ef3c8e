/** The life of a role's process: configuration, log lines, signals, exit codes. */
import { readSync } from 'node:fs';
import { createHlc, type Hlc } from '../algorithms/hlc.ts';
import type { NodeEnvironment } from '../protocol/config.ts';
import { OrreryError, toOrreryError } from '../protocol/errors.ts';
import { ROLES_WITH_VOLUME, type Role } from '../protocol/roles.ts';
import type { Random } from '../protocol/step.ts';
import { systemClock } from './clock.ts';
import { readEnvironment } from './environment.ts';
import { nodeDisk } from './disk.ts';
import { createFaultHand, type FaultHand } from './fault-hand.ts';
import { createFaultShim, type FaultShim } from './fault-shim.ts';
import type { Self } from './handshake.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Clock, Disk } from './ports.ts';
import { slowDisk } from './slow-disk.ts';

const STOP_TIMEOUT_MS = 10_000;
const EXIT_FATAL = 1;
/** EX_CONFIG of sysexits. */
const EXIT_BAD_CONFIG = 78;

export type SayLevel = 'info' | 'warn' | 'error';
export type Say = (level: SayLevel, text: string, fields?: Record<string, unknown>) => void;

export type RoleContext = {
  config: NodeEnvironment;
  self: Self;
  clock: Clock;
  random: Random;
  shim: FaultShim;
  /** The disk as faults let it be. */
  disk: Disk;
  /** Does what is ordered about faults. */
  faults: FaultHand;
  metrics: Metrics;
  hlc: Hlc;
  /** One readable line on stdout: time, level, node, text, then fields as `key=value`. */
  say: Say;
  /** Says what broke and ends the process with code 1. */
  fatal(error: unknown): never;
};

/**
 * Runs a role until SIGTERM or SIGINT: then `stop()`, at most 10 s, exit 0. Bad configuration: a
 * coded line on stderr, exit 78. Anything uncaught is fatal: exit 1.
 */
export function runRole(role: Role, start: (context: RoleContext) => Promise<{ stop(): Promise<void> }>): void {
  if (process.env['ORRERY_AWAIT_GO'] !== undefined && !isLetGo()) process.exit(0);
  const config = readConfig(role);
  const say = createSay(config.ORRERY_NODE);
  const fatal = (thrown: unknown): never => {
    const error = toOrreryError(thrown, config.ORRERY_NODE);
    say('error', error.message, { code: error.code });
    if (error.code === 'internal' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
    process.exit(EXIT_FATAL);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  // A reader of our log that went away is no reason to stop.
  process.stdout.on('error', () => {});

  let stop: (() => Promise<void>) | null = null;
  const onSignal = (signal: string): void => {
    say('info', 'stopping', { signal });
    setTimeout(() => process.exit(EXIT_FATAL), STOP_TIMEOUT_MS).unref();
    const stopped = stop === null ? Promise.resolve() : stop();
    stopped.then(() => process.exit(0), fatal);
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);

  const context = createContext(role, config, say, fatal);
  say('info', 'starting', { role, incarnation: context.self.incarnation, pid: process.pid });
  start(context).then((running) => {
    stop = () => running.stop();
  }, fatal);
}

/** Waits for a word on stdin; false when whoever started us ended before it was said. */
function isLetGo(): boolean {
  try {
    return readSync(0, new Uint8Array(2)) > 0;
  } catch {
    return false;
  }
}

function createContext(role: Role, config: NodeEnvironment, say: Say, fatal: RoleContext['fatal']): RoleContext {
  const clock = systemClock;
  const random = Math.random;
  const shim = createFaultShim(clock, random);
  const disk = slowDisk(nodeDisk, shim, clock);
  const folder = ROLES_WITH_VOLUME.includes(role) ? config.ORRERY_DATA : null;
  const { ORRERY_NODE: node, ORRERY_CLUSTER: cluster, ORRERY_SECRET: secret } = config;
  const metrics = createMetrics();
  metrics.gauge('resident_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  metrics.gauge('uptime_seconds', 'Time since the process started', () => process.uptime());
  return {
    config,
    self: { node, role, cluster, secret, incarnation: clock.nowMs() },
    clock,
    random,
    shim,
    disk,
    faults: createFaultHand({ shim, clock, disk, folder }),
    metrics,
    hlc: createHlc(node),
    say,
    fatal,
  };
}

function readConfig(role: Role): NodeEnvironment {
  try {
    const config = readEnvironment({ ORRERY_ROLE: role, ...process.env });
    if (config.ORRERY_ROLE === role) return config;
    throw new OrreryError('bad-config', { reason: `ORRERY_ROLE must be ${role}` });
  } catch (thrown) {
    const error = toOrreryError(thrown);
    process.stderr.write(`${error.code}: ${error.message} ${error.toBody().todo}\n`);
    process.exit(EXIT_BAD_CONFIG);
  }
}

function createSay(node: string): Say {
  return (level, text, fields = {}) => {
    let line = `${new Date().toISOString()} ${level} ${node} ${oneLine(text)}`;
    for (const [name, value] of Object.entries(fields)) line += ` ${name}=${formatField(value)}`;
    process.stdout.write(`${line}\n`);
  };
}

function formatField(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  return /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
