/** Reads the engine's log stream: frames of 8 bytes header and payload, each line behind its timestamp. Pure. */
import type { LogLine } from './engine.ts';
import { LineSplitter } from './line-splitter.ts';

const HEADER_BYTES = 8;

export class DockerLogDecoder {
  #pending = Buffer.alloc(0);
  #lines = { stdout: new LineSplitter(), stderr: new LineSplitter() };

  /** The lines that `chunk` completes, in the order in which the engine sent them. */
  push(chunk: Uint8Array): LogLine[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const lines: LogLine[] = [];
    while (this.#pending.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#pending.readUInt32BE(4);
      if (this.#pending.length < end) break;
      const stream = this.#pending[0] === 2 ? 'stderr' : 'stdout';
      for (const line of this.#lines[stream].push(this.#pending.subarray(HEADER_BYTES, end))) {
        lines.push(toLogLine(stream, line));
      }
      this.#pending = this.#pending.subarray(end);
    }
    return lines;
  }

  /** Last lines that had no newline. */
  end(): LogLine[] {
    return (['stdout', 'stderr'] as const).flatMap((stream) =>
      this.#lines[stream].end().map((line) => toLogLine(stream, line)),
    );
  }
}

function toLogLine(stream: LogLine['stream'], line: string): LogLine {
  const space = line.indexOf(' ');
  const atMs = space > 0 ? Date.parse(line.slice(0, space)) : Number.NaN;
  return Number.isNaN(atMs) ? { atMs: null, stream, text: line } : { atMs, stream, text: line.slice(space + 1) };
}
