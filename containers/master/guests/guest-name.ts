/** Names of guests as members: what they call themselves, made safe, under a prefix that no node of ours has. */

const LENGTH_MAX = 40;

const PULLER = 'pull-';

export function pullerName(name: string): string {
  return memberName(PULLER, name);
}

export function isPuller(node: string): boolean {
  return node.startsWith(PULLER);
}

/** `pull-w1`. Names that had to be changed end in a number made of the whole, so that they stay apart. */
function memberName(prefix: string, name: string): string {
  const safe = name.normalize('NFC').replace(/[^\w.-]+/g, '_');
  if (safe === name && name.length <= LENGTH_MAX) return `${prefix}${name}`;
  return `${prefix}${safe.slice(0, LENGTH_MAX)}-${hash(name)}`;
}

/** FNV-1a, 32 bits, as 8 hex digits. */
function hash(text: string): string {
  let value = 0x81_1c_9d_c5;
  for (const character of text) {
    value ^= character.codePointAt(0) ?? 0;
    value = Math.imul(value, 0x01_00_01_93);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
