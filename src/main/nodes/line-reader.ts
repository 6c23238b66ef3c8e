/** Cuts a stream of bytes into lines; chunks split lines and characters anywhere. */
const LINE_LENGTH_MAX = 16 * 1024 * 1024;

export class LineReader {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that this chunk completes, without their ends, empty ones left out. Throws on an endless line. */
  push(chunk: Uint8Array): string[] {
    const parts = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = parts.pop() ?? '';
    if (this.#rest.length > LINE_LENGTH_MAX) throw new RangeError('endless line');
    return parts.filter((line) => line !== '');
  }
}
