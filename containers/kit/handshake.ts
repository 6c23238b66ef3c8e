/** How two nodes get to know each other: the dialer says hello, the server says welcome or refused. */
import { OrreryError } from '../protocol/errors.ts';
import { ROLES, type Role } from '../protocol/roles.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { FaultShim } from './fault-shim.ts';
import type { FrameHead } from './ports.ts';
import { secretsEqual } from './secret.ts';

/** Who this node is, towards its peers. */
export type Self = { node: string; role: Role; cluster: string; secret: string; incarnation: number };

export type Hello = {
  protocol: number;
  cluster: string;
  secret: string;
  node: string;
  role: Role;
  incarnation: number;
  /** What the node tells about itself: addresses, capacity. */
  info: Record<string, unknown>;
};

/** A hello or welcome must come within this time. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;

export function helloFrame(self: Self, info: Record<string, unknown>): FrameHead {
  return { t: 'hello', protocol: PROTOCOL_VERSION, ...self, info };
}

/**
 * Checks the first frame of a peer. Throws `bad-request`, `protocol-mismatch`, `wrong-cluster` or
 * `unauthorized`. The protocol is checked first: the rest of another version may look different.
 */
export function readHello(head: FrameHead, self: Self): Hello {
  const { t, protocol, cluster, secret, node, role, incarnation, info } = head;
  if (t !== 'hello' || typeof protocol !== 'number')
    throw new OrreryError('bad-request', { reason: 'expected a hello' });
  if (protocol !== PROTOCOL_VERSION) {
    throw new OrreryError('protocol-mismatch', { theirs: protocol, ours: PROTOCOL_VERSION });
  }
  if (typeof cluster !== 'string' || typeof secret !== 'string' || typeof node !== 'string' || node === '') {
    throw new OrreryError('bad-request', { reason: 'the hello lacks cluster, secret or node' });
  }
  if (cluster !== self.cluster) throw new OrreryError('wrong-cluster', { theirs: cluster, ours: self.cluster });
  if (!secretsEqual(secret, self.secret)) throw new OrreryError('unauthorized');
  if (!isRole(role) || typeof incarnation !== 'number' || !isRecord(info)) {
    throw new OrreryError('bad-request', { reason: 'the hello lacks role, incarnation or info' });
  }
  return { protocol, cluster, secret, node, role, incarnation, info };
}

/**
 * A fault holds for those who dial anew, too. To get to know each other takes a message each way, so that
 * a cut of one direction is enough.
 */
export function isHandshakeLost(shim: FaultShim, peer: string): boolean {
  if (shim.idle) return false;
  const isLost = shim.admit(peer, 'out').drop;
  return shim.admit(peer, 'in').drop || isLost;
}

function isRole(role: unknown): role is Role {
  return ROLES.some((known) => known === role);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
