/** The calculator's operation form: an operation by its English, French or Spanish name, and its operands. */
import { DIVISION_BY_ZERO, OVERFLOW, whyNoPower } from './expression.ts';
import { add, divide, fromNumber, modulo, multiply, negate, power, toNumber } from './rational.ts';
import type { Rational } from './rational.ts';

type OperationName = 'addition' | 'subtraction' | 'multiplication' | 'division' | 'power' | 'modulo' | 'sqrt';
export type OperationRequest = { operation: string; operands: number[] };
export type OperationOutcome = { ok: true; value: number } | { ok: false; reason: string };

/** Spelled without accents, in lower case, words apart by one space: see `plain`. */
const NAMES: Record<OperationName, readonly string[]> = {
  addition: ['addition', 'add', 'plus', 'sum', 'additionner', 'ajouter', 'somme', 'suma', 'sumar', 'adicion'],
  subtraction: [
    'subtraction',
    'subtract',
    'minus',
    'difference',
    'soustraction',
    'soustraire',
    'resta',
    'restar',
    'sustraccion',
    'sustraer',
    'diferencia',
  ],
  multiplication: [
    'multiplication',
    'multiply',
    'times',
    'product',
    'multiplier',
    'produit',
    'multiplicacion',
    'multiplicar',
    'producto',
  ],
  division: ['division', 'divide', 'diviser', 'dividir'],
  power: ['power', 'pow', 'exponentiation', 'puissance', 'potencia', 'potenciacion', 'exponenciacion'],
  modulo: ['modulo', 'mod', 'modulus', 'remainder', 'reste', 'resto'],
  sqrt: ['sqrt', 'square root', 'racine', 'racine carree', 'raiz', 'raiz cuadrada'],
};
/** How many operands each takes; several fold from the left: a − b − c. */
const OPERANDS: Record<OperationName, { min: number; max: number }> = {
  addition: { min: 1, max: 100 },
  subtraction: { min: 2, max: 100 },
  multiplication: { min: 1, max: 100 },
  division: { min: 2, max: 100 },
  power: { min: 2, max: 2 },
  modulo: { min: 2, max: 2 },
  sqrt: { min: 1, max: 1 },
};

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([name, spellings]) =>
    spellings.map((spelling) => [spelling, isOperationName(name) ? name : 'addition'] as const),
  ),
);

/** What is wrong with a request, in words; null when it can be computed. */
export function checkOperation({ operation, operands }: OperationRequest): string | null {
  const name = BY_NAME.get(plain(operation));
  if (name === undefined) return `the operation ${operation} is not known; use one of ${Object.keys(NAMES).join(', ')}`;
  const { min, max } = OPERANDS[name];
  if (operands.length < min || operands.length > max) {
    return `${name} takes ${min === max ? min : `${min} to ${max}`} operands, not ${operands.length}`;
  }
  return operands.every(Number.isFinite) ? null : 'an operand is not a finite number';
}

/**
 * Computes exactly on the operands' decimals and rounds once. The remainder has the divisor's sign.
 * Fails with a reason on division by zero, overflow and roots of negative numbers.
 */
export function computeOperation(request: OperationRequest): OperationOutcome {
  const trouble = checkOperation(request);
  const name = BY_NAME.get(plain(request.operation));
  if (trouble !== null || name === undefined) return { ok: false, reason: trouble ?? 'unknown operation' };
  const [first = { n: 0n, d: 1n }, ...rest] = request.operands.map(fromNumber);
  if (name === 'sqrt') return first.n < 0n ? fail('the root of a negative number') : settle(Math.sqrt(toNumber(first)));
  let value = first;
  for (const next of rest) {
    const outcome = fold(name, value, next);
    if (typeof outcome === 'string') return fail(outcome);
    value = outcome;
  }
  return settle(toNumber(value));
}

const SIGNS: Partial<Record<OperationName, string>> = {
  addition: '+',
  subtraction: '-',
  multiplication: '*',
  division: '/',
};

/** The same as text in digits, + - * / and parentheses; null where there is none. */
export function expressionOf({ operation, operands }: OperationRequest): string | null {
  const sign = SIGNS[BY_NAME.get(plain(operation)) ?? 'sqrt'];
  const terms = operands.map((operand) => (operand < 0 ? `(${operand})` : `${operand}`));
  // The largest and smallest numbers are written with an exponent.
  if (sign === undefined || terms.some((term) => term.includes('e'))) return null;
  return terms.join(` ${sign} `);
}

function fold(name: Exclude<OperationName, 'sqrt'>, left: Rational, right: Rational): Rational | string {
  switch (name) {
    case 'addition':
      return add(left, right);
    case 'subtraction':
      return add(left, negate(right));
    case 'multiplication':
      return multiply(left, right);
    case 'division':
      return right.n === 0n ? DIVISION_BY_ZERO : divide(left, right);
    case 'modulo':
      return right.n === 0n ? DIVISION_BY_ZERO : modulo(left, right);
    case 'power':
      return power(left, right) ?? whyNoPower(left, right);
  }
}

function settle(value: number): OperationOutcome {
  return Number.isFinite(value) ? { ok: true, value } : fail(OVERFLOW);
}

function fail(reason: string): OperationOutcome {
  return { ok: false, reason };
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}

function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(OPERANDS, name);
}
