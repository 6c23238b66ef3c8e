/** Bytes as they come over TCP into lines of text: split and glued packets, and what is no line. */

export type Line =
  | { kind: 'text'; text: string }
  /** Longer than the bound; the rest of it, up to its end, is skipped. */
  | { kind: 'too-long' }
  | { kind: 'not-utf8' };

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SHOWN_BYTES_MAX = 40;

export class LineSplitter {
  readonly #bytesMax: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parts: Uint8Array[] = [];
  #held = 0;
  /** In the middle of a line that was told as too long. */
  #skipping = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines that these bytes end. */
  take(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      this.#hold(bytes.subarray(from, at), lines);
      if (!this.#skipping) lines.push(this.#decode());
      this.#skipping = false;
      from = at + 1;
    }
    this.#hold(bytes.subarray(from), lines);
    return lines;
  }

  /** The peer will say no more: what it began counts as a line too. */
  end(): Line[] {
    return this.#held > 0 && !this.#skipping ? [this.#decode()] : [];
  }

  /** Bytes of a line that has not ended. */
  get heldBytes(): number {
    return this.#held;
  }

  /** How such a line begins. */
  beginning(): string {
    return Buffer.concat(this.#parts).toString('utf8', 0, SHOWN_BYTES_MAX);
  }

  #hold(bytes: Uint8Array, lines: Line[]): void {
    if (this.#skipping || bytes.length === 0) return;
    this.#held += bytes.length;
    if (this.#held <= this.#bytesMax) {
      this.#parts.push(bytes);
      return;
    }
    lines.push({ kind: 'too-long' });
    this.#forget();
    this.#skipping = true;
  }

  #decode(): Line {
    const bytes = Buffer.concat(this.#parts, this.#held);
    this.#forget();
    const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
    try {
      return { kind: 'text', text: this.#decoder.decode(bytes.subarray(0, end)) };
    } catch {
      return { kind: 'not-utf8' };
    }
  }

  #forget(): void {
    this.#parts = [];
    this.#held = 0;
  }
}
