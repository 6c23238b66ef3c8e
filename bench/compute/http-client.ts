/**
 * A client for one keep-alive connection, one request at a time. It does next to nothing, because it
 * shares the processor with what it measures; it reads only answers with a Content-Length.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export type HttpResult = { status: number; body: string };

type Pending = { resolve(result: HttpResult): void; reject(error: Error): void };

export class HttpClient {
  readonly #socket: Socket;
  readonly #port: number;
  #pending: Pending | null = null;
  #received: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.#port = port;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error(`port ${port} closed the connection`)));
  }

  request(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<HttpResult> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      const typed =
        body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
      const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\n${more.join('')}${typed}`;
      this.#socket.write(`${head}\r\n${body}`);
    });
  }

  /** As `request`; throws for every status but `status`. */
  async expect(status: number, method: string, path: string, body = ''): Promise<string> {
    const result = await this.request(method, path, body);
    if (result.status === status) return result.body;
    throw new Error(`${method} ${path}: status ${result.status} instead of ${status}: ${result.body.slice(0, 300)}`);
  }

  close(): void {
    this.#pending = null;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) {
      this.#fail(new Error(`an answer without length: ${head}`));
      return;
    }
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return;
    const body = this.#received.toString('utf8', headEnd + 4, end);
    this.#received = this.#received.subarray(end);
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(error);
  }
}
