/** What a node may use at most, the same wherever it runs. */
import type { Role } from '../../containers/protocol/roles.ts';

/** `cpus`: 1 is one processor kept busy. */
export type NodeLimits = { memoryBytes: number; cpus: number; pids: number };

const MEBIBYTE = 1024 * 1024;

export const NODE_LIMITS: Record<Role, NodeLimits> = {
  master: { memoryBytes: 512 * MEBIBYTE, cpus: 2, pids: 128 },
  headnode: { memoryBytes: 512 * MEBIBYTE, cpus: 2, pids: 128 },
  worker: { memoryBytes: 256 * MEBIBYTE, cpus: 1, pids: 128 },
  datanode: { memoryBytes: 512 * MEBIBYTE, cpus: 1, pids: 128 },
};
