/**
 * For tests: reads what `strace -f -o` wrote. A call is one line, or, when another thread was heard of in
 * between, two: `… <unfinished ...>` and `<... name resumed>…`. So lines are in the order of what happened.
 */

type Call = { name: string; file: string; text: string; begun: number; ended: number };

/** Null when the 2xx that mentions `id` left after a sync of the log, begun after the entry with `id` was written, had returned; else what is wrong. */
export function firstUnsynced(lines: readonly string[], id: string): string | null {
  const calls = readCalls(lines);
  const answer = calls.find(
    ({ name, text }) => name !== 'fdatasync' && /HTTP\/1\.1 2\d\d/.test(text) && text.includes(id),
  );
  if (answer === undefined) return 'no 2xx was seen';
  const written = calls.find(({ text }) => text.includes(id) && /\\"e\\":\\"(new|batch)\\"/.test(text));
  if (written === undefined) return 'no entry was seen';
  const synced = calls.find(
    ({ name, file, text, begun, ended }) =>
      name === 'fdatasync' &&
      file === written.file &&
      text.includes('= 0') &&
      begun > written.ended &&
      ended < answer.begun,
  );
  return synced === undefined ? `answered at line ${answer.begun}, no sync between` : null;
}

function readCalls(lines: readonly string[]): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  lines.forEach((line, at) => {
    const begun = /^(\d+) +\S+ (\w+)\((\d+)/.exec(line);
    if (begun !== null) {
      const [, thread = '', name = '', file = ''] = begun;
      const call = { name, file, text: line, begun: at, ended: at };
      calls.push(call);
      if (line.includes('<unfinished ...>')) open.set(`${thread} ${name}`, call);
      return;
    }
    const resumed = /^(\d+) +\S+ <\.\.\. (\w+) resumed>/.exec(line);
    const call = resumed === null ? undefined : open.get(`${resumed[1]} ${resumed[2]}`);
    if (call === undefined) return;
    call.ended = at;
    call.text += line;
  });
  return calls;
}
