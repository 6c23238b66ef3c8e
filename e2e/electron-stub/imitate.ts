/** Parts of Electron are imitated by objects that refuse whatever they were not given. */

/** What promises, inspectors and serialisers ask of any object; never a part of Electron. */
const ASKED_OF_ALL: ReadonlySet<PropertyKey> = new Set(['then', 'toJSON', 'nodeType', 'tagName', 'constructor']);

/** `parts` as a whole `T` of Electron's types: a part that is missing throws where it is used. */
export function imitate<T extends object>(name: string, parts: object & Partial<T>): T {
  return new Proxy(parts as T, {
    get(target, key): unknown {
      if (key in target || typeof key === 'symbol' || ASKED_OF_ALL.has(key)) {
        const part: unknown = Reflect.get(target, key, target);
        return typeof part === 'function' && key !== 'constructor' ? (part.bind(target) as unknown) : part;
      }
      throw new Error(`The stand-in for Electron does not imitate ${name}.${key}`);
    },
  });
}
