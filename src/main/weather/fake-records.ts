/** For tests: the part of the record API that the mirror uses, in memory. Versions and times as the store gives them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { RecordListAnswer } from '../../../containers/protocol/records.ts';

type Kept = { version: number; value: string; updatedAtMs: number };

export class FakeRecords {
  readonly #kept = new Map<string, Kept>();
  readonly #server = createServer((request, response) => this.#answer(request, response));
  #port = 0;
  /** Told instead of an answer, as while the headnode starts. */
  away = false;

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get endpoints(): { master: string; headnode: string } {
    const url = `http://127.0.0.1:${this.#port}`;
    return { master: url, headnode: url };
  }

  /** Stores a version; gives its number. */
  put(key: string, value: unknown, updatedAtMs = Date.now()): number {
    const version = (this.#kept.get(key)?.version ?? 0) + 1;
    this.#kept.set(key, { version, updatedAtMs, value: JSON.stringify(value) });
    return version;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.endpoints.headnode);
    if (this.away) {
      const body = { error: 'headnode is still starting.', code: 'starting', definite: true, todo: '' };
      response.writeHead(503).end(JSON.stringify(body));
      return;
    }
    if (url.pathname === '/records') {
      response.writeHead(200).end(JSON.stringify(this.#list(url.searchParams)));
      return;
    }
    const kept = this.#kept.get(decodeURIComponent(url.pathname.slice('/records/'.length)));
    if (kept === undefined) {
      const body = { error: 'no such record', code: 'not-found', definite: true, todo: '' };
      response.writeHead(404).end(JSON.stringify(body));
    } else response.writeHead(200, { ETag: `"${kept.version}"` }).end(kept.value);
  }

  #list(query: URLSearchParams): RecordListAnswer {
    const limit = Number(query.get('limit') ?? 100);
    const keys = [...this.#kept.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > (query.get('after') ?? ''))
      .sort();
    const records = keys.slice(0, limit).flatMap((key) => {
      const kept = this.#kept.get(key);
      if (kept === undefined) return [];
      const { version, value, updatedAtMs } = kept;
      const summary = { key, version, size: value.length, contentType: 'application/json', replicas: [] };
      const updatedAt = new Date(updatedAtMs).toISOString();
      const shown = query.get('values') === 'true' ? { value: JSON.parse(value) as unknown } : {};
      return [{ ...summary, updatedAt, ...shown }];
    });
    return { records, next: keys.length > limit ? (records.at(-1)?.key ?? null) : null };
  }
}
