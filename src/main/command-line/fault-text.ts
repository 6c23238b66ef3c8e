/** Faults and their measurements as lines of text. */
import type { ActiveFault, FaultSpec, Measure, Measured } from '../../core/faults/fault.ts';

export function describeSpec(spec: FaultSpec): string {
  switch (spec.kind) {
    case 'partition':
      return `partition of ${spec.sideA.join(', ')} ${spec.oneWay ? '→' : '|'} ${spec.sideB.join(', ')}`;
    case 'link': {
      const { delayMs, jitterMs, lossShare } = spec;
      const what = [
        ...(delayMs > 0 ? [`+${delayMs} ms${jitterMs > 0 ? ` ± ${jitterMs} ms` : ''}`] : []),
        ...(lossShare > 0 ? [`${percent(lossShare)} lost`] : []),
      ];
      const to = spec.to === 'all' ? 'everyone' : spec.to.join(', ');
      return `${spec.from.join(', ')} ${spec.bothWays ? '–' : '→'} ${to}: ${what.join(', ')}`;
    }
    case 'slow-disk':
      return `slow disk of ${spec.nodes.join(', ')}: +${spec.delayMs} ms a sync`;
    default:
      return `${spec.kind} of ${spec.nodes.join(', ')}`;
  }
}

/** `fault  what  time left`. */
export function describeActive({ fault, spec, endsAtMs }: ActiveFault, nowMs: number): string {
  const left = endsAtMs === null ? '' : `  ${Math.max(0, Math.ceil((endsAtMs - nowMs) / 1_000))} s left`;
  return `${fault}  ${describeSpec(spec)}${left}`;
}

export function describeMeasured({ phase, measures, sample }: Measured): string[] {
  const lines = measures.map((measure) => `  ${phase}: ${describeFigure(measure)}`);
  return sample ? [...lines, `  ${phase}: measured on ${sample.edges} of ${sample.of} edges, evenly chosen`] : lines;
}

export function describeFigure({ subject, quantity, asked, found, ok, of, overMs }: Measure): string {
  const [name, unit] = WORDS[quantity];
  const write = (value: number) => (unit === '%' ? percent(value) : `${Number(value.toFixed(1))}${unit}`);
  const span = of !== undefined ? ` of ${of}` : overMs !== undefined ? ` in ${(overMs / 1_000).toFixed(1)} s` : '';
  const measured = found === null ? 'not measured' : `measured ${write(found)}${span}`;
  const wanted = asked === null ? '' : `asked ${write(asked)}, `;
  return `${subject} ${name}: ${wanted}${measured}${ok === false ? '  NOT AS ASKED' : ''}`;
}

const WORDS: Record<Measure['quantity'], [name: string, unit: string]> = {
  'down-ms': ['was down after', ' ms'],
  'up-ms': ['was ready again after', ' ms'],
  exit: ['exit code', ''],
  beats: ['heartbeats', ''],
  frozen: ['frozen', ''],
  'round-trip-ms': ['round trip', ' ms'],
  'added-ms': ['round trip longer by', ' ms'],
  loss: ['messages lost', '%'],
  passed: ['messages that passed', ''],
  dropped: ['messages swallowed', ''],
  'sync-ms': ['sync', ' ms'],
  rules: ['rules in force', ''],
};

const percent = (part: number): string => `${Number((100 * part).toFixed(1))} %`;
