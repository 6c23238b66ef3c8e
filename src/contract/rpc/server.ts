/** The answering end of the bridge: checks every input against the contract, then asks the handlers. */
import { z } from 'zod';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import { contract, type CallContext, type Handlers, type Method } from '../contract.ts';
import type { Channel } from './channel.ts';
import { encodeFrame, WINDOW, type ReplyFrame, type RequestFrame } from './frames.ts';
import { createSendCredits, pumpStream, type SendCredits } from './stream-pump.ts';

/** Calls and streams that one channel may have open together: far more than a window needs. */
const OPEN_MAX = 512;

export type ServeOptions = {
  actor?: CallContext['actor'];
  /** Told of every fault that is no OrreryError: a bug, whose text stays on this side. */
  onFault?: (method: Method, thrown: unknown) => void;
};

const id = z.number().int().positive();
const credits = z.number().int().min(0).max(WINDOW);
const requestFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('call'), id, method: z.string(), input: z.unknown().optional() }),
  z.strictObject({ t: z.literal('open'), id, method: z.string(), input: z.unknown().optional(), credits }),
  z.strictObject({ t: z.literal('credit'), id, credits }),
  z.strictObject({ t: z.literal('abort'), id }),
]);

/**
 * Answers on `channel` until it closes. A message that is no request closes it: whoever sends that
 * is not our client. Closing aborts everything that is still under way for it.
 */
export function serveChannel(channel: Channel, handlers: Handlers, options: ServeOptions = {}): void {
  const open = new Map<number, { controller: AbortController; sendCredits: SendCredits | null }>();
  const reply = (frame: ReplyFrame) => channel.send(encodeFrame(frame));

  const start = async (frame: Extract<RequestFrame, { t: 'call' | 'open' }>, controller: AbortController) => {
    const { signal } = controller;
    try {
      const { method, input } = parseRequest(frame);
      try {
        if (frame.t === 'call') {
          const output = await callHandler(handlers, method, input, { actor: options.actor ?? 'user', signal });
          if (!signal.aborted) reply({ t: 'result', id: frame.id, output });
          return;
        }
        const sendCredits = createSendCredits(frame.credits, signal);
        open.set(frame.id, { controller, sendCredits });
        const items = openHandler(handlers, method, input, signal);
        await pumpStream(items, sendCredits, signal, (item) => reply({ t: 'item', id: frame.id, item }));
        if (!signal.aborted) reply({ t: 'end', id: frame.id });
      } catch (thrown) {
        if (!(thrown instanceof OrreryError) && !signal.aborted) options.onFault?.(method, thrown);
        throw thrown;
      }
    } catch (thrown) {
      if (!signal.aborted) reply(errorFrame(frame.id, thrown));
    } finally {
      open.delete(frame.id);
      controller.abort();
    }
  };

  channel.onMessage((text) => {
    const frame = readRequest(text);
    if (!frame) return channel.close();
    if (frame.t === 'abort') return open.get(frame.id)?.controller.abort();
    if (frame.t === 'credit') return open.get(frame.id)?.sendCredits?.add(frame.credits);
    if (open.has(frame.id)) return channel.close();
    if (open.size >= OPEN_MAX) {
      const full = new OrreryError('too-many', { what: 'The connection', limit: OPEN_MAX, retryAfterS: 1 });
      return reply(errorFrame(frame.id, full));
    }
    const controller = new AbortController();
    open.set(frame.id, { controller, sendCredits: null });
    // It replies with whatever goes wrong; only a broken channel could still throw here.
    start(frame, controller).catch(() => channel.close());
  });

  channel.onClose(() => {
    for (const { controller } of open.values()) controller.abort();
  });
}

function readRequest(text: string): RequestFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = requestFrame.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function parseRequest(frame: Extract<RequestFrame, { t: 'call' | 'open' }>): { method: Method; input: unknown } {
  if (!isMethod(frame.method)) throw new OrreryError('bad-request', { reason: `there is no ${frame.method}` });
  const { kind, input } = contract[frame.method];
  if ((kind === 'call') !== (frame.t === 'call')) {
    throw new OrreryError('bad-request', { reason: `${frame.method} is a ${kind}` });
  }
  const parsed = input.safeParse(frame.input);
  if (!parsed.success) throw new OrreryError('bad-request', { reason: describeIssues(parsed.error) });
  return { method: frame.method, input: parsed.data };
}

function isMethod(name: string): name is Method {
  return Object.hasOwn(contract, name);
}

/** The first issues of a refused input, each with the place it is about. */
function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}

// parseRequest has checked method, kind and input against the contract; the types cannot follow that
// through a method chosen at run time, hence the casts.
function callHandler(handlers: Handlers, method: Method, input: unknown, context: CallContext): Promise<unknown> {
  const handler = handlers[method] as (input: never, context: CallContext) => Promise<unknown>;
  return handler(input as never, context);
}

function openHandler(handlers: Handlers, method: Method, input: unknown, signal: AbortSignal): AsyncIterable<unknown> {
  const handler = handlers[method] as (input: never, signal: AbortSignal) => AsyncIterable<unknown>;
  return handler(input as never, signal);
}

/** What the asker learns of an error: our coded ones as they are, of a bug only that there was one. */
function errorFrame(frameId: number, thrown: unknown): ReplyFrame {
  const { code, details, definite } = toOrreryError(thrown);
  const masked = code === 'internal' ? { reason: 'a fault of the panel', node: 'the panel' } : details;
  return { t: 'error', id: frameId, code, details: masked, definite };
}
