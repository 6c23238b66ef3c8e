/** A run as a file for the person: report, seconds, or everything. */
import type { LoadRun } from '../../../../core/load/load-run.ts';
import { reportCsv } from '../../../../core/load/report-csv.ts';
import { reportHtml } from '../../../../core/load/report-html.ts';
import { REPORT_WORDS, type ReportWord, type ReportWords } from '../../../../core/load/report-words.ts';
import type { Translate } from '../../messages/i18n.ts';
import { describeEvent } from '../../parts/describe-event.ts';
import { saveFile } from '../../save-file.ts';
import type { ShownRun } from './shown-run.ts';

export type ExportKind = 'html' | 'csv' | 'json';

const words = new WeakMap<Translate, ReportWords>();

/** The words of reports in the window's language. Places for values stay as they are. */
export function reportWords(t: Translate): ReportWords {
  const known = words.get(t);
  if (known) return known;
  const keys = Object.keys(REPORT_WORDS) as ReportWord[];
  const places = { value: '{value}', limit: '{limit}' };
  const made = Object.fromEntries(keys.map((key) => [key, t(`load.word.${key}`, places)])) as ReportWords;
  words.set(t, made);
  return made;
}

const TYPES: Record<ExportKind, string> = { html: 'text/html', csv: 'text/csv', json: 'application/json' };

export function exportRun({ head, seconds, marks }: ShownRun, kind: ExportKind, t: Translate): void {
  const run: LoadRun = { ...head, seconds: [...seconds], marks: [...marks] };
  const name = `${head.name.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 60)}.${kind}`;
  saveFile(name, new Blob([textOf(run, kind, t)], { type: TYPES[kind] }));
}

function textOf(run: LoadRun, kind: ExportKind, t: Translate): string {
  if (kind === 'csv') return reportCsv(run);
  if (kind === 'json') return `${JSON.stringify(run, null, 1)}\n`;
  return reportHtml(run, {
    words: reportWords(t),
    describeMark: (mark) => describeEvent({ ...mark, hlc: '' }, t)?.text ?? mark.body.type,
    formatTime: (atMs) => new Date(atMs).toLocaleString(),
  });
}
