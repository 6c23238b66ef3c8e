/** Lines of a fixed height, of which only those in sight are rendered: a value may have tens of thousands. */
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import styles from './records.module.css';

const LINE_HEIGHT = 18;
const AROUND = 10;
/** A line beyond this is cut on the screen: a browser lays out a line of 256 KiB for seconds. */
const LINE_LENGTH_MAX = 4_000;

export function LongText({ label, lines }: { label: string; lines: readonly string[] }) {
  const { ref, height } = useElementSize();
  const [scrollTop, setScrollTop] = useState(0);
  const first = Math.max(0, Math.floor(scrollTop / LINE_HEIGHT) - AROUND);
  const end = Math.min(lines.length, Math.ceil((scrollTop + height) / LINE_HEIGHT) + AROUND);
  const shown = lines
    .slice(first, end)
    .map((line) => (line.length > LINE_LENGTH_MAX ? `${line.slice(0, LINE_LENGTH_MAX)}…` : line));
  return (
    <div
      ref={ref}
      className={styles['text']}
      tabIndex={0}
      role="group"
      aria-label={label}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <div style={{ height: lines.length * LINE_HEIGHT, paddingTop: first * LINE_HEIGHT, boxSizing: 'border-box' }}>
        <pre data-testid="record-value">{shown.join('\n')}</pre>
      </div>
    </div>
  );
}
