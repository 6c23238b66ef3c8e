/** `records`: what the record API does, for a terminal. */
import { readFileSync, writeFileSync } from 'node:fs';
import { LIST_LIMIT_MAX } from '../../../containers/protocol/record-limits.ts';
import type { RecordListAnswer, RecordSummary } from '../../../containers/protocol/records.ts';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';
import type { Client, InputOf } from '../../contract/contract.ts';
import type { NotableRequest } from '../../core/journal.ts';
import { describeOutcome, EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';
import type { RecordsCommand } from './records-options.ts';

type Of<Act extends RecordsCommand['act']> = Extract<RecordsCommand, { act: Act }>;

/** Throws panel-absent, no-cluster, not-found, what the store refuses, and bad-usage for files that do not work. */
export function records(ports: CommandPorts, command: RecordsCommand): Promise<ExitCode> {
  return withPanel(ports.home, async (client) => {
    switch (command.act) {
      case 'get':
        return get(ports, client, command);
      case 'put':
        return put(ports, client, command);
      case 'delete':
        return remove(ports, client, command);
      case 'list':
        return list(ports, client, command);
    }
  });
}

async function get(ports: CommandPorts, client: Client, { key, out }: Of<'get'>): Promise<ExitCode> {
  const record = await client.call('records.read', { key });
  if (record === null) throw new OrreryError('not-found', { what: `Record ${JSON.stringify(key)}` });
  const bytes = Buffer.from(record.valueBase64, 'base64');
  if (out !== null) {
    withFile(out, () => writeFileSync(out, bytes));
    return EXIT.done;
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) {
    throw new OrreryError('bad-usage', { reason: 'This record is no text: give --out a file for its bytes' });
  }
  ports.stdout(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.done;
}

async function put(ports: CommandPorts, client: Client, command: Of<'put'>): Promise<ExitCode> {
  const { key, value, file, type, ifVersion } = command;
  if ((value === null) === (file === null)) {
    throw new OrreryError('bad-usage', { reason: 'Give either a value or --file' });
  }
  const content =
    file === null
      ? ({ value: value ?? '', encoding: 'text', contentType: type ?? 'text/plain; charset=utf-8' } as const)
      : ({
          value: withFile(file, () => readFileSync(file)).toString('base64'),
          encoding: 'base64',
          contentType: type ?? 'application/octet-stream',
        } as const);
  const answer = await client.call('records.put', { key, ...content, ifVersion });
  return ended(ports, answer, `${key} version ${answer.answer} on ${answer.replicas.join(', ')}`);
}

async function remove(ports: CommandPorts, client: Client, { key, ifVersion }: Of<'delete'>): Promise<ExitCode> {
  const answer = await client.call('records.delete', { key, ifVersion });
  return ended(ports, answer, `${key} deleted`);
}

/** An outcome that nobody knows is neither done nor failed. */
function ended(ports: CommandPorts, { outcome, code, answer }: NotableRequest, done: string): ExitCode {
  if (outcome === 'ok') {
    ports.stdout(`${done}\n`);
    return EXIT.done;
  }
  ports.stderr(`${describeOutcome(code ?? 'internal', answer)}\n`);
  return outcome === 'unknown' ? EXIT.inconclusive : EXIT.failed;
}

async function list(ports: CommandPorts, client: Client, command: Of<'list'>): Promise<ExitCode> {
  const { prefix, contains, limit, json } = command;
  const all: RecordSummary[] = [];
  let after: string | null = null;
  do {
    const page: InputOf<'records.list'> = {
      prefix,
      contains,
      after,
      limit: Math.min(limit - all.length, LIST_LIMIT_MAX),
    };
    const { records: found, next }: RecordListAnswer = await client.call('records.list', page);
    all.push(...found);
    after = next;
  } while (after !== null && all.length < limit);
  if (json) ports.stdout(`${JSON.stringify(all)}\n`);
  else for (const record of all) ports.stdout(`${lineOf(record)}\n`);
  if (after !== null) ports.stderr(`there are more than ${limit}: see --limit\n`);
  return EXIT.done;
}

/** Fields that scripts can cut at tabs; a key is quoted where it would break that. */
function lineOf({ key, version, size, contentType, updatedAt }: RecordSummary): string {
  const shown = /[\t\n\r"]/.test(key) ? JSON.stringify(key) : key;
  return [shown, version, size, contentType, updatedAt].join('\t');
}

function withFile<Result>(file: string, use: () => Result): Result {
  try {
    return use();
  } catch (thrown) {
    throw new OrreryError('bad-usage', { reason: `${file}: ${toOrreryError(thrown).details['reason']}` });
  }
}
