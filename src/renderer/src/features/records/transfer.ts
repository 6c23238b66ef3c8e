/** Export to a file that the person saves, and import in lots; both can be stopped between two pages. */
import { toOrreryError } from '../../../../../containers/protocol/errors.ts';
import type { BulkResult } from '../../../../../containers/protocol/records.ts';
import type { Client } from '../../../../contract/contract.ts';
import {
  fileEnd,
  filePage,
  fileStart,
  lotsOf,
  type FileFormat,
  type ImportRow,
} from '../../../../core/records/record-file.ts';

const PAGE = 500;

export type ExportProgress = { records: number; bytes: number };

/**
 * Reads page by page. The pages are handed to the browser, which may keep them on disk: the window
 * never holds more than one of them. Null when `signal` aborted. Throws what a page throws.
 */
export async function exportRecords(
  client: Client,
  { prefix, format }: { prefix: string; format: FileFormat },
  onProgress: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<Blob | null> {
  const parts: Blob[] = [new Blob([fileStart(format)])];
  let records = 0;
  let bytes = 0;
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(client, prefix, after);
    if (signal.aborted) return null;
    const part = new Blob([filePage(format, page.records, records === 0)]);
    parts.push(part);
    records += page.records.length;
    bytes += part.size;
    onProgress({ records, bytes });
    if (page.next === null) return new Blob([...parts, fileEnd(format)]);
    after = page.next;
  }
}

async function readPage(client: Client, prefix: string, after: string | null) {
  const { records, next } = await client.call('records.list', { prefix, after, limit: PAGE, values: true });
  return { records: records.map((record) => ({ ...record, valueBase64: record.valueBase64 ?? '' })), next };
}

/** What became of a row: `unknown` may have been written. `waiting`: it was never sent. */
export type RowOutcome =
  | { how: 'created' | 'replaced'; version: number }
  | { how: 'refused' | 'unknown'; reason: string }
  | { how: 'waiting' };

/** Writes lot by lot. A lot that fails as a whole ends the import: its rows are refused or unknown, the rest is not sent. */
export async function importRows(
  client: Client,
  rows: readonly ImportRow[],
  onOutcomes: (outcomes: ReadonlyMap<ImportRow, RowOutcome>) => void,
  signal: AbortSignal,
): Promise<void> {
  const outcomes = new Map<ImportRow, RowOutcome>();
  for (const lot of lotsOf(rows)) {
    if (signal.aborted) return;
    try {
      const records = lot.flatMap(({ record }) => record ?? []);
      const results = await client.call('records.import', { records });
      for (const [at, row] of lot.entries()) outcomes.set(row, outcomeOf(results[at]));
    } catch (thrown) {
      const { message, definite } = toOrreryError(thrown, 'headnode');
      for (const row of lot) outcomes.set(row, { how: definite ? 'refused' : 'unknown', reason: message });
      onOutcomes(new Map(outcomes));
      return;
    }
    onOutcomes(new Map(outcomes));
  }
}

function outcomeOf(result: BulkResult | undefined): RowOutcome {
  if (result === undefined) return { how: 'unknown', reason: '–' };
  const { status, version, error = '', definite } = result;
  if (status < 400) return { how: status === 201 ? 'created' : 'replaced', version: version ?? 0 };
  return { how: definite === false ? 'unknown' : 'refused', reason: error };
}
