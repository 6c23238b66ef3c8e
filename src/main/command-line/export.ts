import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { ExportedFile } from '../../core/export/exported-cluster.ts';
import type { ExportCommand } from './export-options.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** `export`: writes the running cluster, or a new one, as files into `folder`. Overwrites nothing unless told to. */
export async function exportTo(
  ports: CommandPorts,
  request: ExportCommand['request'],
  options: ExportCommand['options'],
): Promise<ExitCode> {
  const files = await filesOf(ports, request);
  await mkdir(options.out, { recursive: true });
  for (const { name } of options.force ? [] : files) {
    const file = path.join(options.out, name);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    ) {
      throw new OrreryError('bad-usage', { reason: `${file} is there already; --force overwrites it` });
    }
  }
  for (const { name, text } of files) {
    const file = path.join(options.out, name);
    // A secret is within.
    await writeFile(file, text, { mode: 0o600 });
    ports.stdout(`${file}\n`);
  }
  return EXIT.done;
}

/** From the panel that runs, so that it is its cluster; else from this process. */
async function filesOf(ports: CommandPorts, request: ExportCommand['request']): Promise<ExportedFile[]> {
  try {
    return await withPanel(ports.home, (client) => client.call('cluster.export', request));
  } catch (thrown) {
    if (thrown instanceof OrreryError && thrown.code === 'panel-absent') return ports.exportCluster(request);
    throw thrown;
  }
}
