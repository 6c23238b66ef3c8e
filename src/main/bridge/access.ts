/** Who may talk to the web host: pure checks of what a request carries. */
import { createHash, timingSafeEqual } from 'node:crypto';

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
