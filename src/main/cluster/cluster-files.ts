/**
 * What must outlive the panel about each cluster, one file each: written before anything is made, so
 * that whatever is found running after a crash can be recognised, adopted or removed.
 */
import { closeSync, fsyncSync, openSync, readFileSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ROLES } from '../../../containers/protocol/roles.ts';
import { COURSE_PORTS } from '../../core/course/course-ports.ts';

const desired = z.object({
  nodes: z.array(
    z.object({
      node: z.string(),
      role: z.enum(ROLES),
      intent: z.enum(['running', 'killed', 'stopped', 'restarting', 'draining', 'removed']),
      heldDown: z.boolean(),
    }),
  ),
  next: z.object({ worker: z.number().int(), datanode: z.number().int() }),
});

const clusterFile = z.object({
  cluster: z.string().min(1),
  run: z.string().min(1),
  name: z.string().nullable(),
  secret: z.string().min(16),
  engine: z.enum(['docker', 'process', 'fake']),
  /** Whether it was (being) started and not yet stopped. A named one that is stopped keeps its file. */
  running: z.boolean(),
  ports: z.object({ master: z.number().int(), headnode: z.number().int() }),
  /** Published at the fixed ports of the courses. */
  coursePorts: z.array(z.enum(COURSE_PORTS)).default([]),
  desired,
});

export type ClusterFile = z.infer<typeof clusterFile>;

export type ClusterFiles = {
  /** All that can be read, oldest name first; what cannot is left alone and left out. */
  all(): ClusterFile[];
  save(file: ClusterFile): void;
  drop(cluster: string): void;
};

export function createClusterFiles(folder: string): ClusterFiles {
  const fileOf = (cluster: string) => path.join(folder, `${cluster}.json`);
  return {
    all() {
      const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
      return names.sort().flatMap((name) => {
        const parsed = clusterFile.safeParse(readJson(path.join(folder, name)));
        return parsed.success && `${parsed.data.cluster}.json` === name ? [parsed.data] : [];
      });
    },
    save: (file) => writeAtomically(fileOf(file.cluster), JSON.stringify(file, null, 2)),
    drop: (cluster) => rmSync(fileOf(cluster), { force: true }),
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Whole or not at all, readable by this user alone (it holds the cluster's secret). */
function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}
