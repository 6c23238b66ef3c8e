/** A way to Docker that can be cut and restored, without touching the engine itself. */
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CutSocket {
  readonly #path: string;
  readonly #engine: string;
  readonly #open = new Set<Socket>();
  #server: Server | null = null;

  /** `path`: where to listen; `engine`: the socket of the engine. */
  constructor(path: string, engine: string) {
    this.#path = path;
    this.#engine = engine;
  }

  restore(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, resolve);
    });
  }

  /** Nobody gets through any more, and who was through is cut off. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    for (const socket of this.#open) socket.destroy();
    await closed;
    rmSync(this.#path, { force: true });
  }

  #join(client: Socket): void {
    const engine = connect(this.#engine);
    for (const [near, far] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#open.add(near);
      near.on('error', () => far.destroy());
      near.on('close', () => {
        this.#open.delete(near);
        far.destroy();
      });
    }
    client.pipe(engine);
    engine.pipe(client);
  }
}
