/** Shards against datanodes, a cell a copy. One cell is in the tab order; arrows walk from there. */
import { memo, useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import type { CellState, ShardColumn, ShardGrid, ShardRow } from '../../../../core/records/shard-grid.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { selectNodes } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatAge } from '../../ui/format.ts';
import styles from './records.module.css';

type At = { row: number; column: number };
const LEGEND: readonly CellState[] = ['primary', 'secondary', 'joiner', 'missing'];
const STEPS: Record<string, [row: number, column: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

export function ShardPicture({ grid }: { grid: ShardGrid }) {
  const t = useT();
  const { columns, rows } = grid;
  const [active, setActive] = useState<At>({ row: 0, column: 0 });
  const [isPointed, setPointed] = useState(false);
  const point = useCallback((row: number, column: number): void => {
    setActive({ row, column });
    setPointed(true);
  }, []);
  const walk = (event: KeyboardEvent<HTMLDivElement>): void => {
    const next = stepFrom(active, event.key, rows.length + 1, columns.length);
    if (next === null) return;
    event.preventDefault();
    point(next.row, next.column);
    event.currentTarget.querySelector<HTMLElement>(`[data-at="${next.row}.${next.column}"]`)?.focus();
  };
  const style = useMemo(
    () => ({ gridTemplateColumns: `96px repeat(${columns.length}, minmax(9px, 1fr))` }),
    [columns.length],
  );
  return (
    <>
      <div className={styles['gridScroll']}>
        <div className={styles['grid']} role="grid" aria-label={t('shards.grid')} style={style} onKeyDown={walk}>
          {rows.map((row, at) => (
            <NodeRow key={row.node} row={row} at={at} active={active.row === at ? active.column : -1} onPoint={point} />
          ))}
          <MissingRow
            columns={columns}
            at={rows.length}
            active={active.row === rows.length ? active.column : -1}
            onPoint={point}
          />
        </div>
      </div>
      <div className={styles['gridFoot']}>
        <Readout column={isPointed ? columns[active.column] : undefined} />
        <span className={styles['legend']}>
          {LEGEND.map((state) => (
            <span key={state}>
              <i className={styles['cell']} data-state={state} />
              {t(`shards.state.${state}`)}
            </span>
          ))}
        </span>
      </div>
    </>
  );
}

function stepFrom({ row, column }: At, key: string, rows: number, columns: number): At | null {
  if (key === 'Home') return { row, column: 0 };
  if (key === 'End') return { row, column: columns - 1 };
  const step = STEPS[key];
  if (step === undefined) return null;
  const clamp = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
  return { row: clamp(row + step[0], rows), column: clamp(column + step[1], columns) };
}

type Place = { at: number; active: number; onPoint: (row: number, column: number) => void };

const NodeRow = memo(function NodeRow({ row, at, active, onPoint }: Place & { row: ShardRow }) {
  const t = useT();
  return (
    <div role="row" className={styles['gridRow']} data-away={row.isAway}>
      <span role="rowheader">
        <button type="button" className={styles['gridName']} onClick={() => selectNodes([row.node])}>
          {row.node}
        </button>
      </span>
      {row.cells.map(({ shard, state }, column) => (
        <div
          key={shard}
          role="gridcell"
          className={styles['cell']}
          data-state={state}
          data-at={`${at}.${column}`}
          tabIndex={active === column ? 0 : -1}
          aria-label={t('shards.cell', { node: row.node, shard, state: t(`shards.state.${state}`) })}
          onMouseEnter={() => onPoint(at, column)}
          onFocus={() => onPoint(at, column)}
        />
      ))}
    </div>
  );
});

const MissingRow = memo(function MissingRow({ columns, at, active, onPoint }: Place & { columns: ShardColumn[] }) {
  const t = useT();
  return (
    <div role="row" className={styles['gridRow']}>
      <span role="rowheader" className={`${styles['gridName'] ?? ''} dim`}>
        {t('shards.missing')}
      </span>
      {columns.map(({ view: { shard }, missing, isWritable }, column) => (
        <div
          key={shard}
          role="gridcell"
          className={styles['missing']}
          data-tone={missing === 0 ? 'none' : isWritable ? 'short' : 'closed'}
          data-at={`${at}.${column}`}
          tabIndex={active === column ? 0 : -1}
          aria-label={t('shards.cell-missing', { shard, missing })}
          onMouseEnter={() => onPoint(at, column)}
          onFocus={() => onPoint(at, column)}
        >
          {missing === 0 ? '' : missing}
        </div>
      ))}
    </div>
  );
});

/** Says in a line of its own what the cell under the pointer, or in focus, stands for. */
function Readout({ column }: { column: ShardColumn | undefined }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  if (column === undefined) return <p className="dim">{t('shards.readout-hint')}</p>;
  const { view, joiners, missing, sinceMs, lostReason } = column;
  const { shard, epoch, primary, members } = view;
  const others = members.filter((node) => node !== primary).join(', ') || '–';
  const parts = [t('shards.readout', { shard, epoch, primary: primary ?? '–', others })];
  if (joiners.length > 0) parts.push(t('shards.readout-joiner', { nodes: joiners.join(', ') }));
  if (missing > 0) {
    const age = sinceMs === null ? t('recovery.unknown') : formatAge(nowMs - sinceMs);
    parts.push(t('shards.readout-short', { missing, age, reason: lostReason ?? t('recovery.unknown') }));
  }
  return (
    <p className="mono" data-testid="shard-readout">
      {parts.join(' · ')}
    </p>
  );
}
