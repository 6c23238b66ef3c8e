/** A request as a line for a terminal. */

/** Quotes a word for a POSIX shell; plain words stay as they are. */
export function shellQuoted(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `curl` for a request; `-i` shows status and headers, among them the version and the replicas of a record. */
export function curlLine(request: {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}): string {
  const words = ['curl', '-i'];
  if (request.method !== 'GET') words.push('-X', request.method);
  words.push(request.url);
  for (const [name, value] of Object.entries(request.headers ?? {})) words.push('-H', `${name}: ${value}`);
  if (typeof request.body === 'string') words.push('--data-raw', request.body);
  // Bytes that a command line cannot hold: a file of them is meant.
  else if (request.body !== undefined) words.push('--data-binary', '@value');
  return words.map(shellQuoted).join(' ');
}
