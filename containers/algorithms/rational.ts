/**
 * Exact fractions over BigInt, just enough for the calculator: decimals are exact (0.1 + 0.2 is 0.3),
 * and only the final rounding to a double loses anything.
 */

/** numerator / denominator, the denominator above 0. Not necessarily reduced. */
export type Rational = { n: bigint; d: bigint };

/** Above this many bits a fraction is rounded to the nearest double, which bounds all work. */
const BITS_MAX = 16_384;
/** Powers are exact up to this size, else computed as doubles. */
const POWER_BITS_MAX = 4_096;

/** A decimal as JSON or the expression language writes it: digits, one point, an exponent. */
export function fromDecimal(text: string): Rational {
  const [mantissa = '0', exponentText = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const negative = whole.startsWith('-');
  const digits = BigInt((negative ? whole.slice(1) : whole) + fraction || '0');
  const exponent = Number(exponentText) - fraction.length;
  const n = negative ? -digits : digits;
  return exponent >= 0 ? { n: n * 10n ** BigInt(exponent), d: 1n } : { n, d: 10n ** BigInt(-exponent) };
}

/** The decimal that a finite double prints as: what its writer meant. */
export function fromNumber(value: number): Rational {
  return fromDecimal(String(value));
}

export function add(a: Rational, b: Rational): Rational {
  return bound(a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d });
}

export function negate(a: Rational): Rational {
  return { n: -a.n, d: a.d };
}

export function multiply(a: Rational, b: Rational): Rational {
  return bound({ n: a.n * b.n, d: a.d * b.d });
}

/** `b` is not 0. */
export function divide(a: Rational, b: Rational): Rational {
  return bound(b.n < 0n ? { n: -a.n * b.d, d: -b.n * a.d } : { n: a.n * b.d, d: a.d * b.n });
}

/** a − b·⌊a/b⌋: the remainder has the sign of `b`, which is not 0. */
export function modulo(a: Rational, b: Rational): Rational {
  const whole = floor(divide(a, b));
  return add(a, negate(multiply(b, { n: whole, d: 1n })));
}

/** Exact for whole exponents while the result stays small, else as doubles; null when it has no finite real value. */
export function power(base: Rational, exponent: Rational): Rational | null {
  const whole = exponent.n % exponent.d === 0n ? exponent.n / exponent.d : null;
  if (base.n === 0n && exponent.n < 0n) return null;
  if (whole !== null) {
    const size = BigInt(bitsOf(base.n) + bitsOf(base.d));
    const times = whole < 0n ? -whole : whole;
    if (times * size <= BigInt(POWER_BITS_MAX)) {
      const raised = { n: base.n ** times, d: base.d ** times };
      return whole < 0n ? divide({ n: 1n, d: 1n }, raised) : raised;
    }
  }
  const value = toNumber(base) ** toNumber(exponent);
  return Number.isFinite(value) ? fromNumber(value) : null;
}

/** The nearest double; ±Infinity when it is out of range. */
export function toNumber({ n, d }: Rational): number {
  if (n === 0n) return 0;
  const negative = n < 0n;
  const top = negative ? -n : n;
  // 66 bits of quotient: more than a double holds, with the lowest bit set when anything was cut off.
  const shift = bitsOf(d) - bitsOf(top) + 66;
  const dividend = shift > 0 ? top << BigInt(shift) : top;
  const divisor = shift < 0 ? d << BigInt(-shift) : d;
  const quotient = dividend / divisor;
  const sticky = quotient * divisor === dividend ? quotient : quotient | 1n;
  // In two steps, because 2^-shift alone may be out of range although the product is not.
  const half = Math.trunc(shift / 2);
  const value = Number(sticky) * 2 ** -half * 2 ** -(shift - half);
  return negative ? -value : value;
}

/** The whole number that this is, or null when it is none. */
export function toWhole({ n, d }: Rational): bigint | null {
  return n % d === 0n ? n / d : null;
}

function floor({ n, d }: Rational): bigint {
  const quotient = n / d;
  return n % d !== 0n && n < 0n ? quotient - 1n : quotient;
}

function bound(value: Rational): Rational {
  if (bitsOf(value.n) + bitsOf(value.d) <= BITS_MAX) return value;
  const rounded = toNumber(value);
  return Number.isFinite(rounded) ? fromNumber(rounded) : value;
}

/** Within 3 bits, which is all that bounds need; `toNumber` tolerates it by its spare bits. */
function bitsOf(value: bigint): number {
  const digits = value.toString(16);
  return (digits.startsWith('-') ? digits.length - 1 : digits.length) * 4;
}
