/** Reads the engine's event stream: one JSON object a line. Pure. */
import type { EngineEvent } from './engine.ts';
import { keyOf, nodeOfLabels } from './engine-names.ts';
import type { LabelKeys } from './engine-names.ts';
import { LineSplitter } from './line-splitter.ts';

/** What is asked of the engine, so that nothing else travels. */
export const DOCKER_EVENTS = ['start', 'die', 'oom', 'pause', 'unpause', 'destroy'] as const;

type RawEvent = {
  Type?: string;
  Action?: string;
  /** Podman's name of it. */
  status?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
  time?: number;
  timeNano?: number;
};

export class DockerEventDecoder {
  #keys: LabelKeys;
  #lines = new LineSplitter();
  /** Containers that ran out of memory and have not died yet: the engine tells the two apart. */
  #outOfMemory = new Set<string>();

  constructor(keys: LabelKeys) {
    this.#keys = keys;
  }

  push(chunk: Uint8Array): EngineEvent[] {
    return this.#lines.push(chunk).flatMap((line) => this.#decode(line));
  }

  #decode(line: string): EngineEvent[] {
    const raw = parseEvent(line);
    const node = nodeOfLabels(this.#keys, raw?.Actor?.Attributes);
    if (!raw || !node) return [];
    const id = raw.Actor?.ID ?? '';
    const atMs = raw.timeNano === undefined ? (raw.time ?? 0) * 1_000 : Math.round(raw.timeNano / 1e6);
    switch (raw.Action ?? raw.status) {
      case 'start':
        return [{ ...node, type: 'started', atMs }];
      case 'oom':
        this.#outOfMemory.add(id);
        return [];
      case 'die':
      case 'died': {
        const exitCode = Number(raw.Actor?.Attributes?.['exitCode'] ?? -1);
        return [{ ...node, type: 'exited', atMs, exitCode, outOfMemory: this.#outOfMemory.delete(id) }];
      }
      case 'pause':
        return [{ ...node, type: 'paused', atMs }];
      case 'unpause':
        return [{ ...node, type: 'unpaused', atMs }];
      case 'destroy':
      case 'remove':
        return [{ ...node, type: 'removed', atMs }];
      default:
        return [];
    }
  }
}

/**
 * Ends that events told: the engine tells of one before its list shows it. Events may come late, also after
 * the next start.
 */
export class ToldExits {
  readonly #exits = new Map<string, { exitCode: number; atMs: number }>();

  note(event: EngineEvent): void {
    if (event.type === 'exited') this.#exits.set(keyOf(event), event);
    else if (event.type === 'started' || event.type === 'removed') this.#exits.delete(keyOf(event));
  }

  /** The exit code of the run that began at `startedAtMs`, by the engine's clock; null when no end of it was told. */
  codeOf(node: { cluster: string; node: string }, startedAtMs: number | null): number | null {
    const exit = this.#exits.get(keyOf(node));
    return exit === undefined || exit.atMs < (startedAtMs ?? 0) ? null : exit.exitCode;
  }

  clear(): void {
    this.#exits.clear();
  }
}

function parseEvent(line: string): RawEvent | null {
  if (line.trim() === '') return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? parsed : null;
  } catch {
    return null;
  }
}
