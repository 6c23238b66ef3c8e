/** Reads one frame of the engine's stats stream. Pure. */
import type { NodeStats } from './engine.ts';

type CpuStats = { cpu_usage?: { total_usage?: number }; system_cpu_usage?: number; online_cpus?: number };
type StatsFrame = {
  read?: string;
  cpu_stats?: CpuStats;
  precpu_stats?: CpuStats;
  memory_stats?: { usage?: number; stats?: Record<string, number> };
};

/** The node's share of CPU since the frame before, and its memory; null for a frame of a container that ended. */
export function parseStats(line: string): NodeStats | null {
  const frame = parseFrame(line);
  const usage = frame?.memory_stats?.usage;
  if (!frame || usage === undefined) return null;
  const { cpu_stats: now, precpu_stats: before } = frame;
  const busy = (now?.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  // Time of all CPUs of the machine together; absent in the first frame.
  const passed = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  const known = before?.system_cpu_usage !== undefined && passed > 0;
  const cache = frame.memory_stats?.stats?.['total_inactive_file'] ?? frame.memory_stats?.stats?.['inactive_file'] ?? 0;
  return {
    atMs: Date.parse(frame.read ?? ''),
    cpuShare: known ? (busy / passed) * (now?.online_cpus ?? 1) : 0,
    memoryBytes: usage - cache,
  };
}

function parseFrame(line: string): StatsFrame | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? parsed : null;
  } catch {
    return null;
  }
}
