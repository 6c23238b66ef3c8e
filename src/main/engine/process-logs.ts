/** Logs of nodes that run as processes: each writes to files of its own, which are read, followed and kept short here. */
import { copyFile, open, readFile, stat, truncate } from 'node:fs/promises';
import type { LogLine } from './engine.ts';
import { LineSplitter } from './line-splitter.ts';
import { pause } from './turns.ts';

/** A file that grows beyond it is copied to `.1` and emptied; so a node keeps at most twice this per stream. */
const LOG_BYTES_MAX = 4 * 1024 * 1024;
const FOLLOW_INTERVAL_MS = 50;
const STREAMS = ['stdout', 'stderr'] as const;

export type LogFiles = Record<LogLine['stream'], string>;

/** Opens the files for a process to append to. The caller closes them. */
export async function openLogs(files: LogFiles): Promise<{ stdout: number; stderr: number; close(): Promise<void> }> {
  const stdout = await open(files.stdout, 'a', 0o600);
  const stderr = await open(files.stderr, 'a', 0o600);
  return {
    stdout: stdout.fd,
    stderr: stderr.fd,
    close: async () => {
      await stdout.close();
      await stderr.close();
    },
  };
}

/** Empties files that have grown too long; what is written during the copy may be lost. */
export async function shortenLogs(files: LogFiles, limitBytes = LOG_BYTES_MAX): Promise<void> {
  for (const stream of STREAMS) {
    if ((await sizeOf(files[stream])) <= limitBytes) continue;
    await copyFile(files[stream], `${files[stream]}.1`);
    await truncate(files[stream], 0);
  }
}

/**
 * The last lines, then new ones as they come.
 * @param isOver whether the process has ended: then what is left is read and the iteration ends
 */
export async function* readLogs(
  files: LogFiles,
  options: { tailLines: number; follow: boolean; signal: AbortSignal },
  isOver: () => Promise<boolean>,
): AsyncGenerator<LogLine> {
  const tails = await Promise.all(STREAMS.map((stream) => readTail(files[stream], stream, options.tailLines)));
  const merged = mergeByTime(tails.map((tail) => tail.lines));
  for (const line of options.tailLines > 0 ? merged.slice(-options.tailLines) : []) {
    if (options.signal.aborted) return;
    yield line;
  }
  if (!options.follow) return;
  const followed = STREAMS.map((stream, index) => new Follower(files[stream], stream, tails[index]?.endsAt ?? 0));
  for (let over = false; !options.signal.aborted;) {
    for (const follower of followed) {
      for (const line of await follower.read()) {
        yield line;
        if (options.signal.aborted) return;
      }
    }
    if (over) return;
    // Read once more after the end was seen: the last lines were written before it.
    over = await isOver();
    if (!over) await pause(FOLLOW_INTERVAL_MS, options.signal);
  }
}

class Follower {
  #file: string;
  #stream: LogLine['stream'];
  #at: number;
  #lines = new LineSplitter();

  constructor(file: string, stream: LogLine['stream'], at: number) {
    this.#file = file;
    this.#stream = stream;
    this.#at = at;
  }

  async read(): Promise<LogLine[]> {
    const size = await sizeOf(this.#file);
    // It was emptied: go on at its new beginning.
    if (size < this.#at) this.#at = 0;
    if (size === this.#at) return [];
    const file = await open(this.#file, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - this.#at), 0, size - this.#at, this.#at);
      this.#at += bytesRead;
      return this.#lines.push(buffer.subarray(0, bytesRead)).map((text) => toLine(this.#stream, text));
    } finally {
      await file.close();
    }
  }
}

async function readTail(
  file: string,
  stream: LogLine['stream'],
  tailLines: number,
): Promise<{ lines: LogLine[]; endsAt: number }> {
  const now = await readFile(file).catch(() => Buffer.alloc(0));
  // An unfinished last line is left to who follows.
  const endsAt = now.lastIndexOf(0x0a) + 1;
  let lines = now.subarray(0, endsAt).toString('utf8').split('\n').slice(0, -1);
  if (lines.length < tailLines) {
    const before = await readFile(`${file}.1`, 'utf8').catch(() => '');
    lines = [...before.split('\n').slice(0, -1), ...lines];
  }
  return { lines: lines.slice(-Math.max(tailLines, 1)).map((text) => toLine(stream, text)), endsAt };
}

/** Nodes begin their lines with the time; what does not (a stack trace) has none. */
function toLine(stream: LogLine['stream'], text: string): LogLine {
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z?/.exec(text)?.[0];
  const atMs = time === undefined ? Number.NaN : Date.parse(time);
  return { atMs: Number.isNaN(atMs) ? null : atMs, stream, text };
}

/** Both streams in order of time; a line without one stays behind the line before it. */
export function mergeByTime(streams: LogLine[][]): LogLine[] {
  const timed = streams.flatMap((lines) => {
    let last = Number.POSITIVE_INFINITY;
    return lines.map((line) => {
      last = line.atMs ?? last;
      return { line, at: last };
    });
  });
  // Infinity − Infinity is no number; equal times keep their order.
  return timed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ line }) => line);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}
