import type { Server } from 'node:net';
import { OrreryError } from '../protocol/errors.ts';

/** Binds a server; resolves with the port it got (`port` 0: any free one). Rejects with `bad-config` when it cannot. */
export function listen(server: Server, bind: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      reject(
        new OrreryError(
          'bad-config',
          { reason: `cannot listen on ${bind}:${port} (${error.message})` },
          { cause: error },
        ),
      );
    };
    server.once('error', onError);
    server.listen(port, bind, () => {
      server.off('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
