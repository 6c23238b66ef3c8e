/** Who may talk to the web host: pure checks of what a request carries. */
import { createHash, timingSafeEqual } from 'node:crypto';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a Host header names this machine. The port is free, so that a forwarded one works; a
 * foreign name that resolves to this machine (DNS rebinding) is what this keeps out.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.match(/^(\[::1\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/)?.[1];
  return name !== undefined && LOOPBACK_NAMES.has(name.toLowerCase());
}

/** Whether a page of this very host sends the request. Cookies ignore ports, origins do not. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && host !== undefined && origin === `http://${host}`;
}

/** The value of a cookie in a Cookie header; null without one. */
export function readCookie(header: string | undefined, name: string): string | null {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

/** The token of an `Authorization: Bearer` header; null without one. */
export function readBearer(header: string | undefined): string | null {
  return header?.match(/^Bearer (\S+)$/)?.[1] ?? null;
}

/** Compares in a time that tells nothing of where, or of how much, the two differ. */
export function equalSecrets(given: string | null, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== null && timingSafeEqual(digest(given), digest(expected));
}
