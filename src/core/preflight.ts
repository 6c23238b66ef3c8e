/** How large a first cluster is offered on a machine: pure. */

export type Machine = { cpus: number; memoryBytes: number };
export type Offer = {
  workers: number;
  datanodes: number;
  /** Fewer than the default, since the machine is small. */
  small: boolean;
};

const DEFAULT = { workers: 3, datanodes: 3 };
/** Three datanodes keep three copies; with two, a record still survives the loss of one. */
const SMALL = { workers: 1, datanodes: 2 };
/** Master, headnode and the panel want a core between them, each further node a fraction of one. */
const CPUS_MIN = 3;
/** Eight nodes at rest take about 150 MB; the rest is for the image's build, load and the engine. */
const MEMORY_BYTES_MIN = 2 * 1_073_741_824;

/** The default where the engine has room for it, else the smallest cluster that shows everything. */
export function offerNodes({ cpus, memoryBytes }: Machine): Offer {
  const small = cpus < CPUS_MIN || memoryBytes < MEMORY_BYTES_MIN;
  return { ...(small ? SMALL : DEFAULT), small };
}
