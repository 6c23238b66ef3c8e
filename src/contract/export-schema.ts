/** Input of the call that writes a cluster down. */
import { z } from 'zod';
import { EXPORT_FORMATS } from '../core/export/exported-cluster.ts';
import { DATANODES_MAX, WORKERS_MAX } from './names.ts';

/** Counts that are left out are those of the running cluster, or three. */
export const exportRequest = z.strictObject({
  format: z.enum(EXPORT_FORMATS),
  workers: z.number().int().min(0).max(WORKERS_MAX).optional(),
  datanodes: z.number().int().min(0).max(DATANODES_MAX).optional(),
});
export type ExportRequest = z.infer<typeof exportRequest>;
