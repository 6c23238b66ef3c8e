/** What the desktop's window may do: pure decisions, enforced in window.ts and bridge.ts. */

export const SCHEME = 'app';
/** Where the renderer lives: a scheme of its own, which no other program can serve. */
export const PAGE = `${SCHEME}://ui/`;

/** Whether an address is our own page: the only one the window may show and the only one we answer. */
export function isOwnPage(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${SCHEME}:` && url.host === 'ui' && url.username === '';
}

/** What becomes of an address that the page wants in a new window: `ask` leads to the browser. */
export function decideOpen(address: string): 'ask' | 'deny' {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? 'ask' : 'deny';
}

/** Nothing needs a permission but the buttons that copy a text; reading the clipboard is another one. */
export function isPermitted(permission: string, requester: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnPage(requester);
}

/** Whether a message comes from our page itself, not from a frame within it or from elsewhere. */
export function isTrustedSender(sender: { url: string; parent: unknown } | null): boolean {
  return sender !== null && sender.parent === null && isOwnPage(sender.url);
}
