/**
 * Scenarios a person can read: `> command` lines with the expected output below each. Playing one
 * gives the same text with the output as it is now; a test compares, `--rewrite` puts it in place.
 */

/** Performs a command, given as words, and returns what to print, one string a line. */
export type Commander = (name: string, words: readonly string[]) => readonly string[];

/** The script with its outputs made anew. Comments (`#`) and empty lines stay where they are. */
export function playScript(script: string, perform: Commander): string {
  const played: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith('> ')) {
      played.push(line, ...perform(...splitCommand(line)).map((output) => `  ${output}`));
    } else if (line === '' || line.startsWith('#')) {
      played.push(line);
    } else if (!line.startsWith('  ')) {
      throw new SyntaxError(`neither "> command", "# comment" nor "  output": ${line}`);
    }
  }
  return played.join('\n');
}

function splitCommand(line: string): [string, string[]] {
  const [name = '', ...words] = line.slice(2).trim().split(/\s+/);
  return [name, words];
}

/** `5s`, `250ms` → ms. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  if (match === null) throw new SyntaxError(`not a duration like 5s or 250ms: ${text}`);
  return Number(match[1]) * (match[2] === 's' ? 1_000 : 1);
}
