/** Comma separated values as RFC 4180 has them; lines may also end with a bare line feed. */
import { OrreryError } from '../../../containers/protocol/errors.ts';

/** `line`: where the row begins, from 1. */
export type CsvRow = { line: number; cells: string[] };

/** Empty lines are no rows. Throws `unprocessable` when a quote is never closed. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  // A byte order mark is how some programs begin their files.
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const row: CsvRow = { line, cells: [] };
    let isQuoted = false;
    for (;;) {
      const cell = text[at] === '"' ? quotedCell(text, at, line) : plainCell(text, at);
      isQuoted ||= text[at] === '"';
      row.cells.push(cell.text);
      line += countLines(text, at, cell.end);
      at = cell.end;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    line += 1;
    if (row.cells.length > 1 || row.cells[0] !== '' || isQuoted) rows.push(row);
  }
  return rows;
}

type Cell = { text: string; end: number };

function plainCell(text: string, from: number): Cell {
  let end = from;
  while (
    end < text.length &&
    text[end] !== ',' &&
    text[end] !== '\n' &&
    !(text[end] === '\r' && text[end + 1] === '\n')
  )
    end += 1;
  return { text: text.slice(from, end), end };
}

/** What stands between the closing quote and the next comma belongs to the cell: files by hand have it so. */
function quotedCell(text: string, from: number, line: number): Cell {
  let content = '';
  for (let at = from + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new OrreryError('unprocessable', { reason: `the quote on line ${line} is never closed` });
    content += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      const rest = plainCell(text, quote + 1);
      return { text: content + rest.text, end: rest.end };
    }
    content += '"';
    at = quote + 2;
  }
}

function countLines(text: string, from: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
