/**
 * What travels on a channel: one JSON object a message. Requests carry an id that is never used
 * twice by a client; replies carry the id of their request.
 *
 *   call ─→ result | error            open ─→ item … ─→ end | error
 *     └ abort                           ├ credit: so many more items may come
 *                                       └ abort
 */
import type { ErrorDetails } from '../../../containers/protocol/errors.ts';

/** Items of one stream that may be on their way or unread: what a slow reader can cost, at most. */
export const WINDOW = 64;

export type RequestFrame =
  | { t: 'call'; id: number; method: string; input?: unknown }
  | { t: 'open'; id: number; method: string; input?: unknown; credits: number }
  | { t: 'credit'; id: number; credits: number }
  | { t: 'abort'; id: number };

export type ErrorFrame = { t: 'error'; id: number; code: string; details: ErrorDetails; definite: boolean };
export type ReplyFrame =
  | { t: 'result'; id: number; output?: unknown }
  | { t: 'item'; id: number; item?: unknown }
  | { t: 'end'; id: number }
  | ErrorFrame;

const REPLIES: ReadonlySet<unknown> = new Set(['result', 'item', 'end', 'error']);

/** The text of a frame. */
export function encodeFrame(frame: RequestFrame | ReplyFrame): string {
  return JSON.stringify(frame);
}

/** The reply in a message; null when it is none. By hand, so that the window's bundle needs no schemas. */
export function parseReply(text: string): ReplyFrame | null {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  return isReply(frame) ? frame : null;
}

function isReply(frame: unknown): frame is ReplyFrame {
  if (typeof frame !== 'object' || frame === null || !('t' in frame) || !('id' in frame)) return false;
  if (!REPLIES.has(frame.t) || typeof frame.id !== 'number') return false;
  return frame.t !== 'error' || ('code' in frame && typeof frame.code === 'string');
}
