/** Snapshots of the picture, so that the panel need not fold its whole past at every start. */
import { PICTURE_SHAPE, type ClusterPicture } from '../../core/cluster-picture.ts';
import type { Db } from './database.ts';

export type SnapshotTable = {
  save(picture: ClusterPicture): void;
  /** The newest one at or before `seq` that this build can read. */
  newest(seq?: number): ClusterPicture | null;
  /** Keeps the newest `count`. */
  trim(count: number): void;
};

export function snapshotTable(db: Db): SnapshotTable {
  const insert = db.prepare<[number, number, string]>(
    'INSERT OR REPLACE INTO snapshots (seq, shape, picture) VALUES (?, ?, ?)',
  );
  const newest = db.prepare<[number, number], { picture: string }>(
    'SELECT picture FROM snapshots WHERE seq <= ? AND shape = ? ORDER BY seq DESC LIMIT 1',
  );
  const drop = db.prepare<[number]>(
    'DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)',
  );
  return {
    save: (picture) => void insert.run(picture.seq, PICTURE_SHAPE, JSON.stringify(picture)),
    newest(seq = Number.MAX_SAFE_INTEGER) {
      const row = newest.get(seq, PICTURE_SHAPE);
      return row === undefined ? null : (JSON.parse(row.picture) as ClusterPicture);
    },
    trim: (count) => void drop.run(count),
  };
}
