/** Fetches JSON from a weather service: bounded in time and size, every way of failing told by name. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { QuotaSpan, WeatherFailure } from '../protocol/weather-limits.ts';

/** A lookup that failed for a reason that is not ours. */
export class LookupFailed extends Error {
  readonly failure: WeatherFailure;
  constructor(failure: WeatherFailure, reason: string) {
    super(reason);
    this.failure = failure;
  }
}

export type FetchLimits = { timeoutMs: number; bytesMax: number; signal: AbortSignal };

/** The whole answer of a GET as JSON. Throws `LookupFailed`. Redirects are not followed: the address is configured. */
export async function fetchJson(url: URL, limits: FetchLimits): Promise<unknown> {
  const { status, text } = await exchange(url, limits);
  const json = parseJson(text);
  if (status === 429) throw quotaFailure(json.ok ? reasonIn(json.value) : null);
  if (status >= 500 || status === 408) throw new LookupFailed('source-down', `${url.host} answered ${status}`);
  if (status !== 200) {
    const reason = json.ok ? reasonIn(json.value) : null;
    throw new LookupFailed('bad-answer', `${url.host} answered ${status}${reason === null ? '' : ` (${reason})`}`);
  }
  if (!json.ok) throw new LookupFailed('bad-answer', `${url.host} answered something that is not JSON`);
  return json.value;
}

/** The documented error body is {"error":true,"reason":"…"}; the reason names the counter that is used up. */
function quotaFailure(reason: string | null): LookupFailed {
  const span: QuotaSpan = reason === null ? 'minute' : spanIn(reason);
  return new LookupFailed(`quota-${span}`, reason ?? 'too many requests');
}

function spanIn(reason: string): QuotaSpan {
  if (/daily|tomorrow|\bday\b/i.test(reason)) return 'day';
  if (/hour/i.test(reason)) return 'hour';
  return 'minute';
}

function reasonIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('reason' in value)) return null;
  return typeof value.reason === 'string' ? value.reason.slice(0, 300) : null;
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

async function exchange(url: URL, limits: FetchLimits): Promise<{ status: number; text: string }> {
  // Loaded by the first lookup: a worker that looks nothing up should not carry a TLS client.
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      headers: { Accept: 'application/json', 'Accept-Encoding': 'identity', 'User-Agent': 'orrery' },
      signal: limits.signal,
    };
    const sent: ClientRequest = request(url, options);
    const fail = (failure: WeatherFailure, reason: string): void => {
      clearTimeout(timer);
      reject(new LookupFailed(failure, reason));
      sent.destroy();
    };
    const timer = setTimeout(
      () => fail('source-down', `${url.host} did not answer within ${limits.timeoutMs} ms`),
      limits.timeoutMs,
    );
    sent.on('error', (error: NodeJS.ErrnoException) =>
      fail('source-down', `${url.host} cannot be reached (${error.code ?? error.message})`),
    );
    sent.on('response', (response: IncomingMessage) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > limits.bytesMax) fail('bad-answer', `${url.host} answered more than ${limits.bytesMax} bytes`);
        else chunks.push(chunk);
      });
      response.on('error', () => fail('source-down', `${url.host} broke off its answer`));
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    sent.end();
  });
}
