/** Cuts a byte stream into lines; chunks may end in the middle of a line, or of a character. */
import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is cut here, so that a stream without newlines cannot fill the memory. */
const LINE_LENGTH_MAX = 64 * 1024;

export class LineSplitter {
  #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that `chunk` completes, without their newlines. */
  push(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LINE_LENGTH_MAX) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  /** The unfinished last line, if there is one. */
  end(): string[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}
