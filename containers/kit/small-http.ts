/** A small HTTP client for programs that are not ours: bounded in time and size, every way of failing in words. */
import { request as send } from 'node:http';

export type SmallAnswer = { reached: true; status: number; text: string } | { reached: false; reason: string };

const BYTES_MAX = 64 * 1024;

/**
 * One request on a connection of its own; never rejects. Not fetch, which refuses ports that browsers
 * refuse, 6000 among them, where workers of the course listen. Redirects are not followed.
 */
export function smallRequest(
  method: 'GET' | 'POST',
  url: string,
  { timeoutMs, json }: { timeoutMs: number; json?: unknown },
): Promise<SmallAnswer> {
  return new Promise((resolve) => {
    const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    const headers: Record<string, string | number> = { Accept: 'application/json', Connection: 'close' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (method === 'POST') headers['Content-Length'] = body?.length ?? 0;
    const sent = send(url, { method, headers, agent: false });
    const settle = (answer: SmallAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
      sent.destroy();
    };
    const timer = setTimeout(
      () => settle({ reached: false, reason: `no answer within ${timeoutMs / 1_000} s` }),
      timeoutMs,
    );
    sent.on('error', (error: NodeJS.ErrnoException) =>
      settle({ reached: false, reason: `it cannot be reached (${error.code ?? error.message})` }),
    );
    sent.on('response', (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > BYTES_MAX) settle({ reached: false, reason: `it answered more than ${BYTES_MAX} bytes` });
      });
      response.on('error', () => settle({ reached: false, reason: 'it broke off its answer' }));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        settle({ reached: true, status: response.statusCode ?? 0, text });
      });
    });
    sent.end(body);
  });
}
