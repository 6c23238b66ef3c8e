/**
 * The calculator's language: digits, one decimal point a number, `+ - * / **`, parentheses and
 * spaces. Parsed by Dijkstra's shunting yard into a program for a stack machine: no recursion, so no
 * nesting can overflow the stack, and nothing is ever evaluated as code.
 *
 * Grammar, loosest first: `+ -` (left), `* /` (left), unary `+ -`, `**` (right, so −2**2 is −4).
 */
import { add, divide, fromDecimal, multiply, negate, power, toNumber, toWhole } from './rational.ts';
import type { Rational } from './rational.ts';

export const EXPRESSION_LENGTH_MAX = 1_000;
/** Deeper nesting is well formed but is not computed. */
export const EXPRESSION_DEPTH_MAX = 100;

type Operator = '+' | '-' | '*' | '/' | '**' | 'negate' | 'identity';
/** Numbers as their own text, operators by name; operands come before their operator. */
export type Program = { steps: (string | { operator: Operator })[]; depth: number };
export type Parsed = { ok: true; program: Program } | { ok: false; reason: string };
export type Computed = { ok: true; value: Rational } | { ok: false; reason: string };

const PRECEDENCE: Record<Operator, number> = { '+': 1, '-': 1, '*': 2, '/': 2, negate: 3, identity: 3, '**': 4 };
const TOKEN = /\s*(\d+\.?\d*|\.\d+|\*\*|[-+*/()])/y;
const ALLOWED = /^[\d+\-*/(). ]+$/;

/** Checks an expression and translates it. The reason for a refusal names the place, counted from 1. */
export function parseExpression(text: string): Parsed {
  if (text.length > EXPRESSION_LENGTH_MAX) return refuse(`it is longer than ${EXPRESSION_LENGTH_MAX} characters`);
  if (text.trim() === '') return refuse('it is empty');
  if (!ALLOWED.test(text)) return refuse(`it holds a character other than digits, + - * / ( ) . and spaces`);
  return new Translator().translate(text.trimEnd());
}

/** Computes a parsed expression. Fails with a reason on division by zero, overflow and excessive nesting. */
export function evaluateProgram(program: Program): Computed {
  if (program.depth > EXPRESSION_DEPTH_MAX) return refuse(`nested deeper than ${EXPRESSION_DEPTH_MAX} parentheses`);
  const stack: Rational[] = [];
  for (const step of program.steps) {
    if (typeof step === 'string') {
      stack.push(fromDecimal(step));
      continue;
    }
    const outcome = perform(step.operator, stack);
    if (outcome !== null) return refuse(outcome);
  }
  const value = stack[0];
  if (value === undefined || stack.length !== 1) return refuse('it is incomplete');
  return Number.isFinite(toNumber(value)) ? { ok: true, value } : refuse(OVERFLOW);
}

/** A value as the calculator writes it: whole numbers in full, others as the nearest double prints. */
export function formatValue(value: Rational): string {
  const whole = toWhole(value);
  return whole === null ? String(toNumber(value)) : String(whole);
}

export const OVERFLOW = 'overflow: the value is beyond what a double holds';
export const DIVISION_BY_ZERO = 'division by zero';

/** Why `power` gave nothing. */
export function whyNoPower(base: Rational, exponent: Rational): string {
  if (base.n === 0n) return DIVISION_BY_ZERO;
  return base.n < 0n && toWhole(exponent) === null ? 'this power has no real value' : OVERFLOW;
}

function perform(operator: Operator, stack: Rational[]): string | null {
  const right = stack.pop();
  if (right === undefined) return 'it is incomplete';
  if (operator === 'negate' || operator === 'identity') {
    stack.push(operator === 'negate' ? negate(right) : right);
    return null;
  }
  const left = stack.pop();
  if (left === undefined) return 'it is incomplete';
  if (operator === '/' && right.n === 0n) return DIVISION_BY_ZERO;
  const value = applyBinary(operator, left, right);
  if (value === null) return whyNoPower(left, right);
  stack.push(value);
  return null;
}

function applyBinary(operator: Exclude<Operator, 'negate' | 'identity'>, left: Rational, right: Rational) {
  switch (operator) {
    case '+':
      return add(left, right);
    case '-':
      return add(left, negate(right));
    case '*':
      return multiply(left, right);
    case '/':
      return divide(left, right);
    case '**':
      return power(left, right);
  }
}

/** Shunting yard: `#waiting` holds operators and open parentheses until their operands are out. */
class Translator {
  readonly #steps: Program['steps'] = [];
  readonly #waiting: (Operator | '(')[] = [];
  #depth = 0;
  #depthMax = 0;
  #wantsOperand = true;

  translate(text: string): Parsed {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const from = TOKEN.lastIndex;
      const token = TOKEN.exec(text)?.[1];
      if (token === undefined) return refuse(`a lone point at position ${from + 1}`);
      const trouble = this.#wantsOperand ? this.#operand(token) : this.#operator(token);
      if (trouble !== null) return refuse(`${trouble} at position ${TOKEN.lastIndex - token.length + 1}`);
    }
    if (this.#wantsOperand) return refuse('a number is missing at the end');
    if (this.#depth > 0) return refuse(`${this.#depth} parenthesis not closed`);
    this.#release(0);
    return { ok: true, program: { steps: this.#steps, depth: this.#depthMax } };
  }

  #operand(token: string): string | null {
    if (token === '(') {
      this.#waiting.push('(');
      this.#depthMax = Math.max(this.#depthMax, ++this.#depth);
    } else if (token === '-' || token === '+') {
      this.#waiting.push(token === '-' ? 'negate' : 'identity');
    } else if (isOperator(token) || token === ')') {
      return `a number is missing before ${token}`;
    } else {
      this.#steps.push(token);
      this.#wantsOperand = false;
    }
    return null;
  }

  #operator(token: string): string | null {
    if (token === ')') {
      if (this.#depth === 0) return 'a closing parenthesis without an opening one';
      this.#release(0);
      this.#waiting.pop();
      this.#depth--;
      return null;
    }
    if (!isOperator(token)) return `an operator is missing before ${token}`;
    // `**` groups to the right, so an equal one waits.
    this.#release(token === '**' ? PRECEDENCE['**'] + 1 : PRECEDENCE[token]);
    this.#waiting.push(token);
    this.#wantsOperand = true;
    return null;
  }

  /** Emits waiting operators that bind at least as strongly, back to the last open parenthesis. */
  #release(precedence: number): void {
    for (;;) {
      const top = this.#waiting.at(-1);
      if (top === undefined || top === '(' || PRECEDENCE[top] < precedence) return;
      this.#steps.push({ operator: top });
      this.#waiting.pop();
    }
  }
}

function isOperator(token: string): token is '+' | '-' | '*' | '/' | '**' {
  return token === '+' || token === '-' || token === '*' || token === '/' || token === '**';
}

function refuse(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
