/** A thin line of recent values, oldest left; its range begins at zero. */
type Props = { values: readonly number[]; label: string; width?: number; height?: number };

export function Sparkline({ values, label, width = 300, height = 28 }: Props) {
  const max = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(height - 1 - (value / max) * (height - 3)).toFixed(1)}`,
  );
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      width="100%"
      height={height}
      preserveAspectRatio="none"
    >
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--compute)"
        strokeWidth="1.25"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
