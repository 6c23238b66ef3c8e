/** MessageChannelMain: one end stays in the main process, the other goes to a page. Only text is imitated. */
import { EventEmitter } from 'node:events';

/** How a port that went to a page reaches it. */
type Carrier = (data: string) => void;

export class Port extends EventEmitter {
  other: Port | null = null;
  #carrier: Carrier | null = null;
  #started = false;
  #kept: string[] = [];

  postMessage(data: unknown): void {
    if (typeof data !== 'string') throw new Error('The stand-in for Electron carries text only');
    if (this.other?.carried === true) this.other.#carrier?.(data);
    else this.other?.take(data);
  }

  start(): void {
    this.#started = true;
    for (const data of this.#kept.splice(0)) this.emit('message', { data, ports: [] });
  }

  /** Both ends hear of it, later, as with real ports. */
  close(): void {
    const { other } = this;
    if (other === null) return;
    this.other = null;
    other.other = null;
    setImmediate(() => {
      this.emit('close');
      other.emit('close');
    });
  }

  get carried(): boolean {
    return this.#carrier !== null;
  }

  carry(carrier: Carrier): void {
    this.#carrier = carrier;
    for (const data of this.#kept.splice(0)) carrier(data);
  }

  take(data: string): void {
    if (this.#started) this.emit('message', { data, ports: [] });
    else this.#kept.push(data);
  }
}

export class MessageChannelMain {
  readonly port1 = new Port();
  readonly port2 = new Port();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}
