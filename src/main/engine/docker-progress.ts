/** Reads the engine's answer to build, import and pull: one JSON object a line. */
import { LineSplitter } from './line-splitter.ts';

export type ProgressLine = {
  stream?: string;
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
};

/**
 * Hands on every line until the answer ends.
 * @throws Error with the engine's words when a line says that the work failed
 */
export async function followProgress(
  answer: AsyncIterable<unknown>,
  onLine: (line: ProgressLine) => void,
): Promise<void> {
  const splitter = new LineSplitter();
  for await (const chunk of answer) {
    const bytes = chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
    for (const line of splitter.push(bytes)) take(line, onLine);
  }
  for (const line of splitter.end()) take(line, onLine);
}

function take(text: string, onLine: (line: ProgressLine) => void): void {
  if (text.trim() === '') return;
  const line = parseLine(text);
  if (line.error !== undefined) throw new Error(line.error);
  onLine(line);
}

function parseLine(text: string): ProgressLine {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** Bytes of all layers of a pull together. */
export class PullBytes {
  #layers = new Map<string, { current: number; total: number }>();

  /** Takes one line of the pull; returns done and total in bytes so far. */
  add(line: ProgressLine): { done: number; total: number | null } {
    const { id, progressDetail: detail } = line;
    if (id !== undefined && line.status === 'Downloading' && detail?.total !== undefined) {
      this.#layers.set(id, { current: detail.current ?? 0, total: detail.total });
    }
    if (id !== undefined && line.status === 'Download complete') {
      const layer = this.#layers.get(id);
      if (layer) layer.current = layer.total;
    }
    let done = 0;
    let total = 0;
    for (const layer of this.#layers.values()) {
      done += layer.current;
      total += layer.total;
    }
    return { done, total: total === 0 ? null : total };
  }
}
