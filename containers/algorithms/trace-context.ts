/** W3C Trace Context, level 1: the header `traceparent`, `<version>-<trace id>-<parent id>-<flags>` in lower-case hex. */

export type TraceContext = {
  /** 32 hex digits, not all zero. */
  traceId: string;
  /** The caller's span, 16 hex digits, not all zero. */
  parentId: string;
  /** The caller keeps its part of the trace, so we keep ours. */
  sampled: boolean;
};

const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Null for what is missing or not valid: such a header is ignored, and a new trace begins. */
export function readTraceparent(text: unknown): TraceContext | null {
  if (typeof text !== 'string') return null;
  const [, version, traceId = '', parentId = '', flags = '', more] = SHAPE.exec(text) ?? [];
  // Later versions may append fields; the first may not.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return null;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Whether the caller keeps its part, of a traceparent known to be valid: asked several times a request, it must cost nothing. */
export function isSampled(traceparent: string): boolean {
  const flags = traceparent.charCodeAt(54);
  return flags > DIGIT_9 ? flags % 2 === 0 : flags % 2 === 1;
}

const DIGIT_9 = 57;

export function formatTraceparent({ traceId, parentId, sampled }: TraceContext): string {
  return `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;
}

/** The trace of something that came without one, by its own id: a UUID's digits, or a hash of any other text. */
export function traceIdOf(id: string): string {
  const digits = id.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(digits) && !/^0+$/.test(digits) ? digits : `${hash64(id)}${hash64(`${id}.`)}`;
}

/** The same text is always the same span: nodes name spans to each other without asking. */
export function spanIdOf(text: string): string {
  return hash64(text);
}

/** Two FNV-1a hashes of 32 bits over the text from both ends, as 16 hex digits; never all zero. */
function hash64(text: string): string {
  let forth = 0x811c9dc5;
  let back = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    forth = Math.imul(forth ^ text.charCodeAt(at), 0x01000193);
    back = Math.imul(back ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
  }
  const digits = hex(forth) + hex(Math.imul(back ^ text.length, 0x01000193));
  return /^0+$/.test(digits) ? '0000000000000001' : digits;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
