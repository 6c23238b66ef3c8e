/** Which machine a target lies on. */
import type { LoadTarget } from './load-plan.ts';

/** The host of a target that is not on this machine; null for loopback, by name or number, and for the cluster. */
export function remoteHost(target: LoadTarget): string | null {
  if (target.kind !== 'http') return null;
  const { hostname } = new URL(target.url);
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? null : hostname;
}
