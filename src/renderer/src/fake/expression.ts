/** Evaluates + - * / and parentheses: the fake worker's calculator. */
import { OrreryError } from '../../../../containers/protocol/errors.ts';

/** The value of `text`; throws bad-expression when it is none. */
export function evaluate(text: string): number {
  const tokens = text.match(/\d+(?:\.\d+)?|[-+*/()]|\S/g) ?? [];
  let position = 0;
  const fail = (reason: string): never => {
    throw new OrreryError('bad-expression', { reason });
  };
  const factor = (): number => {
    const token = tokens[position++];
    if (token === '(') {
      const inner = sum();
      if (tokens[position++] !== ')') fail('a bracket is not closed');
      return inner;
    }
    if (token === '-') return -factor();
    if (token === undefined) return fail('it ends too early');
    return /^\d/.test(token) ? Number(token) : fail(`${token} is unexpected`);
  };
  const chain = (operators: string, next: () => number): number => {
    let value = next();
    for (let token = tokens[position]; token !== undefined && operators.includes(token); token = tokens[position]) {
      position += 1;
      const right = next();
      if (token === '/' && right === 0) fail('it divides by zero');
      value =
        token === '+' ? value + right : token === '-' ? value - right : token === '*' ? value * right : value / right;
    }
    return value;
  };
  const product = (): number => chain('*/', factor);
  const sum = (): number => chain('+-', product);
  const value = sum();
  return position === tokens.length ? value : fail(`${String(tokens[position])} is unexpected`);
}
