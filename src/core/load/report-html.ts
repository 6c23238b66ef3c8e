/** A run as one HTML file that opens anywhere: no scripts, nothing loaded, light and dark. */
import type { LoadMark, LoadRun } from './load-run.ts';
import type { LoadSummary } from './load-summary.ts';
import { pointsOf, secondsPerPoint, wholeSeconds } from './load-series.ts';
import { describeTarget, formatDuration, formatShape, formatThreshold } from './plan-text.ts';
import {
  digits,
  invalidText,
  isOpen,
  judgementTexts,
  latencyViews,
  ms,
  PERCENTILE_NAMES,
  percent,
} from './report-numbers.ts';
import { chartSvg, escapeText, type Line } from './report-svg.ts';
import { REPORT_WORDS, type ReportWords } from './report-words.ts';

const POINTS_MAX = 600;
const COLOURS = ['#5f95f0', '#b07cf0', '#e0952b', '#d9534f'];

const STYLE = `:root{color-scheme:light dark;--line:#8884;--dim:#888}body{font:14px/1.5 system-ui,sans-serif;max-width:960px;margin:24px auto;padding:0 16px}
h1{font-size:22px;margin:0}h2{font-size:16px;margin:24px 0 8px}table{border-collapse:collapse;width:100%}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line);text-align:left;font-variant-numeric:tabular-nums}th{color:var(--dim);font-weight:500}
.num{text-align:right}.verdict{font-size:22px;font-weight:600}.pass{color:#12877a}.fail{color:#d03a3a}.inconclusive,.invalid{color:#a86c00}.none{color:var(--dim)}
svg{width:100%;height:auto}.grid{stroke:var(--line)}.tick{fill:var(--dim);font-size:11px}.mark{stroke:#d03a3a;stroke-dasharray:2 3}.limit{stroke:#d03a3a}.limit-text{fill:#d03a3a;font-size:11px}
.legend span{margin-right:16px}.legend i{display:inline-block;width:14px;height:3px;margin-right:6px;vertical-align:middle}`;

export type ReportOptions = {
  words?: ReportWords;
  /** A mark in a sentence. */
  describeMark?: (mark: LoadMark) => string;
  /** A wall clock time as the reader writes it. */
  formatTime?: (atMs: number) => string;
};

/** The report. Runs that failed before they measured anything have one too. */
export function reportHtml(run: LoadRun, options: ReportOptions = {}): string {
  const words = options.words ?? REPORT_WORDS;
  const describeMark = options.describeMark ?? ((mark: LoadMark) => plainMark(mark));
  const formatTime = options.formatTime ?? ((atMs: number) => `${Math.round(atMs / 1_000)} (Unix)`);
  const { summary } = run;
  const body = [
    `<h1>${escapeText(run.name)}</h1>`,
    verdictHtml(run, words),
    run.note === '' ? '' : section(words.note, `<p>${escapeText(run.note)}</p>`),
    summary === null ? '' : resultHtml(run, summary, words),
    section(words['over-time'], chartsHtml(run, words, describeMark)),
    section(words.title, planTable(run, words, formatTime)),
    run.marks.length === 0 ? '' : section(words.happened, marksTable(run, describeMark)),
  ];
  const title = escapeText(`${words.title}: ${run.name}`);
  return `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body>${body.join('\n')}</body></html>\n`;
}

const section = (title: string, html: string): string => `<section><h2>${escapeText(title)}</h2>${html}</section>`;

/** A row's first cell is its name; the others are figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[], numbers = true): string {
  const cell = (tag: 'th' | 'td') => (text: string, index: number) =>
    `<${tag}${numbers && index > 0 ? ' class="num"' : ''}>${escapeText(text)}</${tag}>`;
  const headRow = head.length === 0 ? '' : `<thead><tr>${head.map(cell('th')).join('')}</tr></thead>`;
  const bodyRows = rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('');
  return `<table>${headRow}<tbody>${bodyRows}</tbody></table>`;
}

function verdictHtml({ summary, failure }: LoadRun, words: ReportWords): string {
  if (summary === null) return `<p class="verdict fail">${escapeText(failure ?? '')}</p>`;
  const { verdict, invalid } = summary;
  const reasons = invalid.map((one) => `<li>${escapeText(invalidText(one, words))}</li>`).join('');
  const why = invalid.length === 0 ? '' : `<p>${escapeText(words['why-invalid'])}</p><ul>${reasons}</ul>`;
  return `<p class="verdict ${verdict}">${escapeText(words[`verdict-${verdict}`])}</p>${why}`;
}

function resultHtml(run: LoadRun, summary: LoadSummary, words: ReportWords): string {
  const judged = summary.judgements.map((judgement) => {
    const { limit, value, interval, margin, verdict } = judgementTexts(judgement, words);
    return [formatThreshold(judgement.threshold), limit, value, interval, margin, verdict];
  });
  const head = ['', words.limit, words.value, words.interval, words.margin, words.verdict];
  return [
    judged.length === 0 ? '' : section(words.thresholds, table(head, judged)),
    section(words.latency, latencyTable(run, summary, words)),
    section(words.counts, countsTable(run, summary, words)),
    workersTable(summary, words),
  ].join('\n');
}

function latencyTable(run: LoadRun, summary: LoadSummary, words: ReportWords): string {
  return table(
    ['', ...PERCENTILE_NAMES.map(([name]) => name)],
    latencyViews(run.plan, summary).map(({ view, values }) => [
      words[view],
      ...PERCENTILE_NAMES.map(([, key]) => ms(values[key], words)),
    ]),
  );
}

function countsTable(run: LoadRun, summary: LoadSummary, words: ReportWords): string {
  const { littlesLaw } = summary;
  const rate = (perSecond: number) => `${digits(perSecond)} ${words['per-second']}`;
  const law = `${digits(littlesLaw.inFlight)} = ${digits(littlesLaw.perSecond)}/s × ${digits(littlesLaw.latencyMs)} ms`;
  return table(
    [],
    [
      [words.offered, String(summary.offered), rate(summary.offeredPerSecond)],
      [words.sent, String(summary.sent), ''],
      [words['not-sent'], String(summary.notSent), ''],
      [words.ok, String(summary.ok), rate(summary.okPerSecond)],
      [words.failed, String(summary.failed), summary.offered === 0 ? '' : percent(summary.failed / summary.offered)],
      ...Object.entries(summary.errors).map(([kind, times]) => [`${words.errors}: ${kind}`, String(times), '']),
      [words.lag, ms(summary.lagP99Ms ?? 0, words), ''],
      [words.wake, ms(summary.wakeP99Ms ?? 0, words), ''],
      ...(run.cpuS === null ? [] : [[words.cpu, `${digits(run.cpuS)} s`, '']]),
      [words.littles, law, littlesLaw.ratio === null ? '' : `× ${littlesLaw.ratio.toFixed(2)}`],
    ],
  );
}

function workersTable({ workers }: LoadSummary, words: ReportWords): string {
  if (workers.length === 0) return '';
  const rows = workers.map((one) => [
    one.worker,
    String(one.ok),
    ms(one.p50Ms, words),
    ms(one.p95Ms, words),
    ms(one.p99Ms, words),
  ]);
  return section(words.workers, table([words.worker, words.ok, 'p50', 'p95', 'p99'], rows));
}

function planTable({ plan, startedAtMs }: LoadRun, words: ReportWords, formatTime: (atMs: number) => string): string {
  const { loop } = plan;
  const arrival =
    loop.kind === 'open'
      ? [
          [words.arrivals, words.open],
          [words.rate, `${loop.rate}/s`],
          [words.shape, formatShape(loop.shape)],
        ]
      : [
          [words.arrivals, words.closed],
          [words.users, String(loop.users)],
          [words.think, formatDuration(loop.thinkMs)],
        ];
  return table(
    [],
    [
      [words.target, describeTarget(plan.target)],
      ...arrival,
      [words.duration, formatDuration(plan.durationMs)],
      [words.warmup, formatDuration(plan.warmupMs)],
      [words.timeout, formatDuration(plan.timeoutMs)],
      [words.seed, plan.seed],
      [words.started, formatTime(startedAtMs)],
    ],
    false,
  );
}

/** Run time of a moment, s: seconds know when they began. */
function secondAt(run: LoadRun, atMs: number): number {
  const row = run.seconds.findLast((one) => one.atMs <= atMs);
  return row === undefined ? (run.seconds[0]?.second ?? 0) : row.second + Math.min(1, (atMs - row.atMs) / 1_000);
}

function marksTable(run: LoadRun, describeMark: (mark: LoadMark) => string): string {
  const rows = run.marks.map((mark) => [`${secondAt(run, mark.atMs).toFixed(1)} s`, describeMark(mark)]);
  return table([], rows, false);
}

function plainMark({ body }: LoadMark): string {
  if (body.type === 'monitor-event')
    return 'node' in body.event ? `${body.event.type} ${body.event.node}` : body.event.type;
  return 'node' in body ? `${body.type} ${body.node}` : body.type;
}

function chartsHtml(run: LoadRun, words: ReportWords, describeMark: (mark: LoadMark) => string): string {
  const quantiles = [0.5, 0.95, 0.99];
  const rows = wholeSeconds(run.seconds);
  const points = pointsOf(rows, { quantiles, step: secondsPerPoint(rows.length, POINTS_MAX) });
  const seconds = points.map((point) => point.second);
  const marks = run.marks.map((mark) => ({ second: secondAt(run, mark.atMs), label: describeMark(mark) }));
  const colour = (index: number) => COLOURS[index % COLOURS.length] ?? '#888';
  const rates: Line[] = [
    { name: words.offered, colour: '#888', values: points.map((point) => point.offered), dash: '4 3' },
    { name: words.ok, colour: colour(0), values: points.map((point) => point.ok) },
    { name: words.failed, colour: colour(3), values: points.map((point) => point.errors + point.notSent) },
  ];
  const basis = isOpen(run.plan) ? 'intended' : 'service';
  const latencies: Line[] = quantiles.map((q, index) => ({
    name: `p${q * 100}`,
    colour: colour(index),
    values: points.map((point) => point[basis][index] ?? null),
  }));
  const limits = run.plan.thresholds.flatMap((limit) =>
    limit.metric === 'latency' ? [{ value: limit.limitMs, label: formatThreshold(limit) }] : [],
  );
  const legend = (lines: Line[]) =>
    `<p class="legend">${lines.map((line) => `<span><i style="background:${line.colour}"></i>${escapeText(line.name)}</span>`).join('')}</p>`;
  return [
    `<h3>${escapeText(words['requests-chart'])}</h3>`,
    legend(rates),
    chartSvg({ label: words['requests-chart'], seconds, lines: rates, log: false, limits: [], marks }),
    `<h3>${escapeText(words['latency-chart'])}</h3>`,
    legend(latencies),
    chartSvg({ label: words['latency-chart'], seconds, lines: latencies, log: true, limits, marks }),
  ].join('\n');
}
