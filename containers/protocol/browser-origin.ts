/** Which requests of browsers a server on this machine answers: pure checks of their headers. */

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

type BrowserHeaders = {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
};

/**
 * The site of a page that may not send this request; null when it may, or when no page sends it. Browsers
 * mark what pages send by Origin or Sec-Fetch-Site and let no page leave them out; programs send neither.
 * An address that a person typed (`none`) is no page's doing.
 */
export function foreignPage({ host, origin, 'sec-fetch-site': site }: BrowserHeaders): string | null {
  if (origin === undefined && site === undefined) return null;
  if (!isLoopbackHost(host)) return host ?? 'nowhere';
  if (origin !== undefined) return isOwnOrigin(origin, host) ? null : origin;
  return site === 'none' || site === 'same-origin' ? null : 'another site';
}
