import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXPRESSION_LENGTH_MAX, evaluateProgram, formatValue, parseExpression } from './expression.ts';
import { computeOperation } from './operation.ts';

/** The result as text, or why there is none. */
function compute(text: string): string {
  const parsed = parseExpression(text);
  if (!parsed.ok) return `refused: ${parsed.reason}`;
  const computed = evaluateProgram(parsed.program);
  return computed.ok ? formatValue(computed.value) : `failed: ${computed.reason}`;
}

describe('expressions', () => {
  test.each([
    ['4 * (2 + 3)', '20'],
    ['1+2*3', '7'],
    ['10-4-3', '3'],
    ['100/10/2', '5'],
    ['-3 + 5', '2'],
    ['--3', '3'],
    ['2*-3', '-6'],
    ['-(2+3)*2', '-10'],
    ['+7', '7'],
    ['0.1 + 0.2', '0.3'],
    ['1/3', '0.3333333333333333'],
    ['2/3*3', '2'],
    ['.5*4', '2'],
    ['1.*3', '3'],
    ['2**10', '1024'],
    ['2**3**2', '512'],
    ['-2**2', '-4'],
    ['2**-1', '0.5'],
    ['99999999999999999999+1', '100000000000000000000'],
    ['1/4', '0.25'],
    ['0*-1', '0'],
    ['  1  ', '1'],
  ])('%s = %s', (text, expected) => {
    expect(compute(text)).toBe(expected);
  });

  test.each([
    ['1/0', 'failed: division by zero'],
    ['1/(2-2)', 'failed: division by zero'],
    ['0**-1', 'failed: division by zero'],
    ['9**9**9', 'failed: overflow'],
    ['10**309', 'failed: overflow'],
    ['(-8)**(1/3)', 'failed: this power has no real value'],
    [`${'('.repeat(101)}1${')'.repeat(101)}`, 'failed: nested deeper'],
  ])('%s ends as %s', (text, expected) => {
    expect(compute(text)).toContain(expected);
  });

  test.each([
    ['', 'it is empty'],
    ['   ', 'it is empty'],
    ['2 +', 'missing at the end'],
    ['2 + * 3', 'a number is missing before * at position 5'],
    ['2 3', 'an operator is missing before 3 at position 3'],
    ['2(3)', 'an operator is missing before ('],
    ['(2', 'not closed'],
    ['2)', 'closing parenthesis'],
    ['()', 'a number is missing before )'],
    ['1.2.3', 'an operator is missing before .3'],
    ['.', 'a lone point'],
    ['7//2', 'a number is missing before /'],
    ['abc', 'holds a character'],
    ['1e5', 'holds a character'],
    ['1\t+1', 'holds a character'],
    ['1+1; process.exit()', 'holds a character'],
    ['1'.repeat(EXPRESSION_LENGTH_MAX + 1), 'longer than'],
  ])('%j is refused: %s', (text, expected) => {
    expect(compute(text)).toMatch(/^refused: /);
    expect(compute(text)).toContain(expected);
  });

  test('agrees with integer arithmetic on random trees', () => {
    const { tree } = fc.letrec<{ tree: { text: string; value: bigint } }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 0, max: 10_000 }).map((value) => ({ text: String(value), value: BigInt(value) })),
        fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*'), tie('tree')).map(([left, operator, right]) => ({
          text: `(${left.text} ${operator} ${right.text})`,
          value:
            operator === '+'
              ? left.value + right.value
              : operator === '-'
                ? left.value - right.value
                : left.value * right.value,
        })),
        tie('tree').map(({ text, value }) => ({ text: `-${text}`, value: -value })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        fc.pre(text.length <= EXPRESSION_LENGTH_MAX);
        expect(compute(text)).toBe(String(value));
      }),
    );
  });

  test('never throws and always ends, whatever is asked', () => {
    const alphabet = fc.constantFrom(...'0123456789+-*/(). '.split(''));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 60 }), (text) => {
        expect(typeof compute(text)).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  test('bounded work: repeated powers and long divisions', () => {
    expect(compute('1.0000001**9999999')).toMatch(/^2\.718/);
    expect(compute(Array.from({ length: 80 }, (_, i) => `(1/${i + 3})**99`).join('+'))).toMatch(/^[\d.e-]+$/);
  });
});

describe('operations', () => {
  test.each([
    ['addition', [5, 3], 8],
    ['suma', [0.1, 0.2], 0.3],
    ['Soustraction', [5, 3, 1], 1],
    ['MULTIPLICACIÓN', [4, 2.5], 10],
    ['división', [1, 4], 0.25],
    ['puissance', [2, 10], 1024],
    ['modulo', [7, 3], 1],
    ['modulo', [-7, 3], 2],
    ['racine carrée', [81], 9],
    ['raíz_cuadrada', [2], Math.SQRT2],
    ['power', [2, 0.5], Math.SQRT2],
  ])('%s of %j is %d', (operation, operands, value) => {
    expect(computeOperation({ operation, operands })).toEqual({ ok: true, value });
  });

  test.each([
    ['division', [1, 0], 'division by zero'],
    ['modulo', [1, 0], 'division by zero'],
    ['sqrt', [-1], 'negative'],
    ['multiplication', [1e308, 10], 'overflow'],
    ['power', [10, 400], 'overflow'],
    ['sqrt', [1, 2], 'takes 1 operands'],
    ['division', [1], 'takes 2 to 100'],
    ['integral', [1], 'not known'],
  ])('%s of %j fails: %s', (operation, operands, reason) => {
    expect(computeOperation({ operation, operands })).toMatchObject({
      ok: false,
      reason: expect.stringContaining(reason),
    });
  });
});
