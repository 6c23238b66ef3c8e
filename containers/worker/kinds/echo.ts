import type { RunKind } from './kind.ts';

/** Gives its text back: the cost of the way alone. */
export const echo: RunKind<string> = (payload) => ({ ok: true, result: payload });
