/** Counters, gauges and histograms in the text format of Prometheus. */
const PREFIX = 'orrery_';

export type Labels = Record<string, string>;
export type Counter = {
  inc(n?: number, labels?: Labels): void;
  /** One that counts under these labels, which are written once. */
  labelled(labels: Labels): { inc(): void };
};
export type HistogramMetric = {
  observe(seconds: number, labels?: Labels): void;
  /** One that observes under these labels, which are written once. */
  labelled(labels: Labels): { observe(seconds: number): void };
};

export type Metrics = {
  /** `name` without the prefix; counters end in `_total` by custom. */
  counter(name: string, help: string): Counter;
  /** `read` is called at each render. */
  gauge(name: string, help: string, read: () => number): void;
  /** `bucketsS`: upper edges in seconds, ascending, without infinity. */
  histogram(name: string, help: string, bucketsS: readonly number[]): HistogramMetric;
  /** All of it for `GET /metrics`. */
  render(): string;
  /** Current values by series name without the prefix (`tasks_total{kind="echo"}`). */
  numbers(): Record<string, number>;
};

type Sample = { suffix: string; labels: string; value: number };
type Family = { name: string; help: string; type: string; samples(): Sample[] };

/** An empty registry. */
export function createMetrics(): Metrics {
  const families: Family[] = [];
  return {
    counter(name, help) {
      const { counter, samples } = createCounter();
      families.push({ name, help, type: 'counter', samples });
      return counter;
    },
    gauge(name, help, read) {
      families.push({ name, help, type: 'gauge', samples: () => [{ suffix: '', labels: '', value: read() }] });
    },
    histogram(name, help, bucketsS) {
      const { histogram, samples } = createHistogramMetric(bucketsS);
      families.push({ name, help, type: 'histogram', samples });
      return histogram;
    },
    render() {
      let text = '';
      for (const { name, help, type, samples } of families) {
        text += `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n`;
        for (const { suffix, labels, value } of samples()) {
          text += `${PREFIX}${name}${suffix}${inBraces(labels)} ${formatNumber(value)}\n`;
        }
      }
      return text;
    },
    numbers() {
      const numbers: Record<string, number> = {};
      for (const { name, samples } of families) {
        for (const { suffix, labels, value } of samples()) {
          if (suffix !== '_bucket') numbers[`${name}${suffix}${inBraces(labels)}`] = value;
        }
      }
      return numbers;
    },
  };
}

function createCounter(): { counter: Counter; samples(): Sample[] } {
  let plain = 0;
  const labelled = new Map<string, number>();
  const add = (key: string, n: number): void => void labelled.set(key, (labelled.get(key) ?? 0) + n);
  const counter: Counter = {
    inc(n = 1, labels) {
      if (labels === undefined) {
        plain += n;
        return;
      }
      add(formatLabels(labels), n);
    },
    labelled(labels) {
      const key = formatLabels(labels);
      return { inc: () => add(key, 1) };
    },
  };
  const samples = (): Sample[] => {
    const series = [...labelled].map(([labels, value]) => ({ suffix: '', labels, value }));
    return series.length > 0 && plain === 0 ? series : [{ suffix: '', labels: '', value: plain }, ...series];
  };
  return { counter, samples };
}

function createHistogramMetric(bucketsS: readonly number[]): { histogram: HistogramMetric; samples(): Sample[] } {
  const series = new Map<string, { counts: number[]; sum: number; count: number }>();
  function observe(seconds: number, key: string): void {
    let one = series.get(key);
    if (one === undefined) {
      one = { counts: bucketsS.map(() => 0), sum: 0, count: 0 };
      series.set(key, one);
    }
    const index = bucketsS.findIndex((upperS) => seconds <= upperS);
    if (index >= 0) one.counts[index] = (one.counts[index] ?? 0) + 1;
    one.sum += seconds;
    one.count += 1;
  }
  const histogram: HistogramMetric = {
    observe: (seconds, labels) => observe(seconds, labels === undefined ? '' : formatLabels(labels)),
    labelled(labels) {
      const key = formatLabels(labels);
      return { observe: (seconds) => observe(seconds, key) };
    },
  };
  const samples = (): Sample[] =>
    [...series].flatMap(([labels, { counts, sum, count }]) => {
      let cumulative = 0;
      const before = labels === '' ? '' : `${labels},`;
      const buckets = bucketsS.map((upperS, index) => {
        cumulative += counts[index] ?? 0;
        return { suffix: '_bucket', labels: `${before}le="${upperS}"`, value: cumulative };
      });
      return [
        ...buckets,
        { suffix: '_bucket', labels: `${before}le="+Inf"`, value: count },
        { suffix: '_sum', labels, value: sum },
        { suffix: '_count', labels, value: count },
      ];
    });
  return { histogram, samples };
}

function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (one) => (one === '\n' ? '\\n' : `\\${one}`))}"`)
    .join(',');
}

function inBraces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
