/**
 * Records as files. CSV: `key,content_type,encoding,value,version,updated_at`, where `encoding` says
 * whether the value is text or base64. JSON: `{"records":[…]}` as POST /records takes it. What was
 * exported is imported with the same bytes; version and time are only told.
 */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import {
  BULK_RECORDS_MAX,
  checkKey,
  CONTENT_TYPE_DEFAULT,
  VALUE_BYTES_MAX,
} from '../../../containers/protocol/record-limits.ts';
import type { BulkRecord } from '../../../containers/protocol/records.ts';
import { parseCsv } from './csv.ts';
import { base64Of, bytesOf, isJsonType, textOf } from './value-text.ts';

export const FILE_FORMATS = ['csv', 'json'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];
export type FileRecord = { key: string; version: number; contentType: string; updatedAt: string; valueBase64: string };

const COLUMNS = ['key', 'content_type', 'encoding', 'value', 'version', 'updated_at'] as const;
const TEXT_DEFAULT = 'text/plain; charset=utf-8';
/** A lot of an import crosses the bridge as one message. */
const LOT_CHARACTERS_MAX = 2_000_000;

export const fileStart = (format: FileFormat): string =>
  format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '{"records":[\n';
export const fileEnd = (format: FileFormat): string => (format === 'csv' ? '' : '\n]}\n');

/** A page of records. `isFirst`: nothing stands before it but the start. */
export function filePage(format: FileFormat, records: readonly FileRecord[], isFirst: boolean): string {
  if (format === 'csv') return records.map(csvRow).join('');
  const rows = records.map((record) => JSON.stringify(jsonRow(record))).join(',\n');
  return rows === '' || isFirst ? rows : `,\n${rows}`;
}

function csvRow({ key, contentType, valueBase64, version, updatedAt }: FileRecord): string {
  const text = textOf(bytesOf(valueBase64));
  const cells = [key, contentType, text === null ? 'base64' : 'text', text ?? valueBase64, String(version), updatedAt];
  return `${cells.map(quoted).join(',')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function jsonRow({ key, contentType, valueBase64, version, updatedAt }: FileRecord): object {
  const text = textOf(bytesOf(valueBase64));
  if (text === null) return { key, contentType, valueBase64, version, updatedAt };
  if (!isJsonType(contentType)) return { key, contentType, value: text, version, updatedAt };
  try {
    const value: unknown = JSON.parse(text);
    // Numbers beyond doubles and blanks would not come back as they were.
    if (JSON.stringify(value) === text) return { key, contentType, value, version, updatedAt };
  } catch {
    // Called JSON and is none: its bytes are the truth.
  }
  return { key, contentType, valueBase64, version, updatedAt };
}

/** A row of a file to import: what would be written, or why it cannot be. */
export type ImportRow = { line: number; key: string; bytes: number; contentType: string } & (
  { record: BulkRecord; refusal: null } | { record: null; refusal: OrreryError }
);

/** Reads a file. Throws `unprocessable` when it is none of ours as a whole. */
export function readRecordFile(text: string, format: FileFormat): ImportRow[] {
  const lines = new Map<string, number>();
  return (format === 'csv' ? csvEntries(text) : jsonEntries(text)).map((entry) => importRow(entry, lines));
}

type Entry = { line: number; key: unknown; contentType: unknown; read(): Uint8Array };

const unprocessable = (reason: string): OrreryError => new OrreryError('unprocessable', { reason });

function importRow({ line, key, contentType, read }: Entry, lines: Map<string, number>): ImportRow {
  const shown = { line, key: typeof key === 'string' ? key : JSON.stringify(key ?? null), bytes: 0, contentType: '' };
  try {
    if (typeof key !== 'string') throw unprocessable('the key is no text');
    checkKey(key);
    if (contentType !== undefined && typeof contentType !== 'string')
      throw unprocessable('the content type is no text');
    const earlier = lines.get(key);
    if (earlier !== undefined) throw unprocessable(`the key is already on line ${earlier}`);
    lines.set(key, line);
    const value = read();
    if (value.length > VALUE_BYTES_MAX) throw new OrreryError('too-large', { limit: VALUE_BYTES_MAX });
    const type = contentType || (textOf(value) === null ? CONTENT_TYPE_DEFAULT : TEXT_DEFAULT);
    const record = { key, contentType: type, valueBase64: base64Of(value) };
    return { ...shown, bytes: value.length, contentType: type, record, refusal: null };
  } catch (thrown) {
    if (!(thrown instanceof OrreryError)) throw thrown;
    return { ...shown, record: null, refusal: thrown };
  }
}

const encoder = new TextEncoder();

function csvEntries(text: string): Entry[] {
  const [head, ...rows] = parseCsv(text);
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (!columns.includes('key') || !columns.includes('value')) {
    throw unprocessable('the first line must name the columns, among them key and value');
  }
  return rows.map(({ line, cells }) => {
    const cell = (name: string): string | undefined => cells[columns.indexOf(name)];
    return {
      line,
      key: cell('key'),
      contentType: cell('content_type') || undefined,
      read() {
        if (cells.length !== columns.length) {
          throw unprocessable(`it has ${cells.length} cells, and there are ${columns.length} columns`);
        }
        const encoding = cell('encoding') || 'text';
        if (encoding === 'base64') return fromBase64(cell('value') ?? '');
        if (encoding !== 'text') throw unprocessable(`the encoding is ${encoding}, not text or base64`);
        return encoder.encode(cell('value') ?? '');
      },
    };
  });
}

function jsonEntries(text: string): Entry[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw unprocessable(`it is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const list = Array.isArray(content) ? content : (content as { records?: unknown } | null)?.records;
  if (!Array.isArray(list)) throw unprocessable('it is neither a list nor an object with a list called records');
  return list.map((row: unknown, at): Entry => {
    const { key, contentType, value, valueBase64 } = (row ?? {}) as Record<string, unknown>;
    return {
      line: at + 1,
      key,
      contentType: contentType ?? (typeof value === 'string' || value === undefined ? undefined : 'application/json'),
      read() {
        if ((value === undefined) === (valueBase64 === undefined)) {
          throw unprocessable('a record has either value or valueBase64');
        }
        if (valueBase64 !== undefined) return fromBase64(valueBase64);
        const isText = typeof value === 'string' && !(typeof contentType === 'string' && isJsonType(contentType));
        return encoder.encode(isText ? value : JSON.stringify(value));
      },
    };
  });
}

function fromBase64(value: unknown): Uint8Array {
  try {
    if (typeof value === 'string') return bytesOf(value);
  } catch {
    // Not base64: below.
  }
  throw unprocessable('the value is not base64');
}

/** Lots as POST /records and the bridge take them, in order. */
export function lotsOf(rows: readonly ImportRow[]): ImportRow[][] {
  const lots: ImportRow[][] = [];
  let room = 0;
  for (const row of rows) {
    if (row.record === null) continue;
    const size = row.record.valueBase64?.length ?? 0;
    const lot = lots.at(-1);
    if (lot === undefined || lot.length >= BULK_RECORDS_MAX || size > room) {
      lots.push([row]);
      room = LOT_CHARACTERS_MAX - size;
    } else {
      lot.push(row);
      room -= size;
    }
  }
  return lots;
}
