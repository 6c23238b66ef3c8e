/** A query by its schema. */
import type { z } from 'zod';
import { describeIssues } from '../kit/http-request.ts';
import { OrreryError } from '../protocol/errors.ts';

/** Throws `bad-request`. */
export function readQuery<T>(query: URLSearchParams, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw new OrreryError('bad-request', { reason: describeIssues(parsed.error.issues) });
  return parsed.data;
}
