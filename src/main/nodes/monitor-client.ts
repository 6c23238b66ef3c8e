/**
 * The panel's ear at the master or the headnode: keeps its stream open, starts over when it breaks,
 * and carries the panel's words to it (what the engine knows, drain).
 */
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { faultAnswer, faultOrderMs, type FaultAnswer, type FaultOrder } from '../../../containers/protocol/control.ts';
import { SAMPLE_INTERVAL_MS, type StreamLine } from '../../../containers/protocol/stream.ts';
import { PROTOCOL_VERSION } from '../../../containers/protocol/version.ts';
import type { Monitor } from '../../core/node-names.ts';
import { LineReader } from './line-reader.ts';
import { callNode, jsonOf, type NodeAnswer } from './node-http.ts';

const RETRY_FIRST_MS = 25;
const RETRY_MAX_MS = 100;
/** Samples come all the time; a stream silent for so long is broken, whatever its socket says. */
const SILENCE_MS = Math.max(3_000, 8 * SAMPLE_INTERVAL_MS);
const CONTROL_TIMEOUT_MS = 5_000;

export type MonitorListener = {
  /** A stream stands; its picture follows. Called again after every loss. */
  onHello(hello: Extract<StreamLine, { kind: 'hello' }>): void;
  /** Every line after the hello. */
  onLine(line: Exclude<StreamLine, { kind: 'hello' }>): void;
  /** A stream that stood has ended. */
  onLost(reason: string): void;
};

export type MonitorClient = {
  readonly monitor: Monitor;
  readonly connected: boolean;
  /** Begins (again) to connect, at once; without effect while it does. */
  open(): void;
  /** Ends the stream (reported as lost if it stood) and connects no more. */
  shut(reason: string): void;
  tellEngineEvent(node: string, type: 'exited' | 'started', atMs: number): Promise<void>;
  drain(node: string): Promise<void>;
  /** Has the monitor, or a member of its, do something about faults. Rejects with `unknown-node`, `unreachable`. */
  orderFault(node: string, order: FaultOrder): Promise<FaultAnswer>;
};

export type MonitorOptions = { monitor: Monitor; base: string; secret: string };

/** A client that is not open yet. `base`: `http://127.0.0.1:<port>`. */
export function createMonitorClient(options: MonitorOptions, listener: MonitorListener): MonitorClient {
  const stream = new MonitorStream(options, listener);
  const control = (path: string, body: unknown, timeoutMs = CONTROL_TIMEOUT_MS): Promise<NodeAnswer> =>
    callNode({
      method: 'POST',
      base: options.base,
      path,
      headers: { Authorization: `Bearer ${options.secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      timeoutMs,
    });
  return {
    monitor: options.monitor,
    get connected() {
      return stream.standing;
    },
    open: () => stream.open(),
    shut: (reason) => stream.shut(reason),
    async tellEngineEvent(node, type, atMs) {
      await control('/control/engine-event', { node, type, atMs });
    },
    async drain(node) {
      await control('/control/drain', { node });
    },
    async orderFault(node, order) {
      const answer = await control('/control/faults', { node, order }, CONTROL_TIMEOUT_MS + faultOrderMs(order));
      return faultAnswer.parse(jsonOf(answer));
    },
  };
}

class MonitorStream {
  readonly #options: MonitorOptions;
  readonly #listener: MonitorListener;
  #wanted = false;
  #request: ClientRequest | null = null;
  #retryMs = RETRY_FIRST_MS;
  #retry: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  standing = false;

  constructor(options: MonitorOptions, listener: MonitorListener) {
    this.#options = options;
    this.#listener = listener;
  }

  open(): void {
    this.#retryMs = RETRY_FIRST_MS;
    if (this.#wanted && this.#request !== null) return;
    this.#wanted = true;
    this.#connect();
  }

  shut(reason: string): void {
    this.#wanted = false;
    clearTimeout(this.#retry);
    this.#end(this.#request, reason);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    const { base, secret } = this.#options;
    const headers = { Authorization: `Bearer ${secret}`, Accept: 'application/x-ndjson' };
    const sent = request(`${base}/stream`, { headers, agent: false });
    this.#request = sent;
    this.#watch(sent);
    sent.on('response', (response) => this.#read(sent, response));
    sent.on('error', (error) => this.#end(sent, error.message));
    sent.end();
  }

  #read(sent: ClientRequest, response: IncomingMessage): void {
    const lines = new LineReader();
    if (response.statusCode !== 200) {
      response.resume();
      return this.#end(sent, `status ${response.statusCode}`);
    }
    response.on('data', (chunk: Uint8Array) => {
      if (this.#request !== sent) return;
      this.#watch(sent);
      try {
        for (const line of lines.push(chunk)) this.#take(sent, JSON.parse(line) as StreamLine);
      } catch (error) {
        this.#end(sent, `not understood: ${String(error)}`);
      }
    });
    response.on('error', (error) => this.#end(sent, error.message));
    response.on('close', () => this.#end(sent, 'it closed the stream'));
  }

  #take(sent: ClientRequest, line: StreamLine): void {
    if (this.#request !== sent) return;
    if (line.kind !== 'hello') {
      if (this.standing) this.#listener.onLine(line);
      return;
    }
    if (line.protocol !== PROTOCOL_VERSION) return this.#end(sent, `it speaks protocol ${line.protocol}`);
    if (line.node !== this.#options.monitor) return this.#end(sent, `it is ${line.node}`);
    this.standing = true;
    this.#retryMs = RETRY_FIRST_MS;
    this.#listener.onHello(line);
  }

  #watch(sent: ClientRequest): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(sent, `silent for ${SILENCE_MS} ms`), SILENCE_MS);
  }

  /** Every way in which a connection ends comes here, once; then the next try is set. */
  #end(sent: ClientRequest | null, reason: string): void {
    if (sent === null || this.#request !== sent) return;
    this.#request = null;
    clearTimeout(this.#silence);
    sent.destroy();
    const stood = this.standing;
    this.standing = false;
    if (this.#wanted) {
      this.#retry = setTimeout(() => this.#connect(), this.#retryMs);
      this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
    }
    if (stood) this.#listener.onLost(reason);
  }
}
