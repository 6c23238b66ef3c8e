/**
 * An expression gives its value as text (`4 * (2 + 3)` → "20"), the operation form a number. Exact on
 * decimals, rounded once; bounds in containers/algorithms/expression.ts. Cheap enough to run inline.
 */
import { evaluateProgram, formatValue, parseExpression } from '../../algorithms/expression.ts';
import { computeOperation } from '../../algorithms/operation.ts';
import type { OperationPayload } from '../../protocol/tasks.ts';
import type { RunKind } from './kind.ts';

export const calculator: RunKind<string | OperationPayload> = (payload) => {
  if (typeof payload !== 'string') {
    const outcome = computeOperation(payload);
    return outcome.ok ? { ok: true, result: outcome.value } : { ok: false, error: outcome.reason, retry: false };
  }
  const parsed = parseExpression(payload);
  const computed = parsed.ok ? evaluateProgram(parsed.program) : parsed;
  return computed.ok
    ? { ok: true, result: formatValue(computed.value) }
    : { ok: false, error: computed.reason, retry: false };
};
