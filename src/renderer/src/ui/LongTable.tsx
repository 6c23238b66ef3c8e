/** A table that scrolls in its place and renders only the rows in sight. */
import { useElementSize } from '@mantine/hooks';
import { useEffect, useState, type ReactNode } from 'react';
import table from './table.module.css';
import { visibleRows } from './visible-rows.ts';

type Props<Row> = {
  label: string;
  head: ReactNode;
  rows: readonly Row[];
  columns: number;
  row: (row: Row) => ReactNode;
  /** The last row came into sight: there may be more to load. */
  onEnd?: () => void;
};

/** `columns` is how many cells the head has. */
export function LongTable<Row>({ label, head, rows, columns, row, onEnd }: Props<Row>) {
  const { ref, height } = useElementSize();
  const [scrollTop, setScrollTop] = useState(0);
  const { first, end, before, after } = visibleRows(scrollTop, height, rows.length);
  const isAtEnd = rows.length > 0 && height > 0 && end === rows.length;
  useEffect(() => {
    if (isAtEnd) onEnd?.();
  }, [isAtEnd, rows.length, onEnd]);
  return (
    <div
      ref={ref}
      className={table['scroll']}
      tabIndex={0}
      role="group"
      aria-label={label}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <table className={table['table']} aria-label={label} aria-rowcount={rows.length + 1}>
        <thead>{head}</thead>
        <tbody>
          <Gap height={before} columns={columns} />
          {rows.slice(first, end).map(row)}
          <Gap height={after} columns={columns} />
        </tbody>
      </table>
    </div>
  );
}

function Gap({ height, columns }: { height: number; columns: number }) {
  if (height === 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
