import { StoredWrite } from '../protocol/record-codec.ts';

/**
 * What crosses a wire or goes to disk is copied, as encoding would: a core that sends a reference
 * into its own state and changes it later must not be seen to reach into another node. Bytes are
 * shared: nobody changes a buffer after handing it over, nor a write. Whatever JSON would lose is refused.
 */
export function plainCopy<Value>(value: Value): Value;
export function plainCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof StoredWrite) {
    if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`${typeof value} cannot be sent`);
    return value;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    for (const item of value) copy.push(plainCopy(item));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${value.constructor.name} cannot be sent: plain data only`);
  }
  const source = value as Record<string, unknown>;
  const copy: Record<string, unknown> = {};
  for (const name in source) if (source[name] !== undefined) copy[name] = plainCopy(source[name]);
  return copy;
}
