import { access, appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { Client } from '../../contract/contract.ts';
import { COURSE_LOG_FILE } from '../../core/course/course-log.ts';
import type { ExportCommand, ExportTarget } from './export-options.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** `--out` that means stdout. */
const PRINT = '-';

/** `export`: writes the running cluster, or a new one, as files into `folder`. Overwrites nothing unless told to. */
export async function exportTo(ports: CommandPorts, { request, target }: ExportCommand): Promise<ExitCode> {
  if (target.out === PRINT) throw new OrreryError('bad-usage', { reason: 'only the course-log can be printed' });
  const files = await fromPanel(
    ports,
    (client) => client.call('cluster.export', request),
    () => ports.exportCluster(request),
  );
  const paths = await placesFor(
    files.map(({ name }) => name),
    target,
  );
  for (const [at, { text }] of files.entries()) {
    const file = paths[at] ?? '';
    // A secret is within.
    await writeFile(file, text, { mode: 0o600 });
    ports.stdout(`${file}\n`);
  }
  return EXIT.done;
}

/** `export course-log`: of the run that goes on, or of the last one. */
export async function exportCourseLog(ports: CommandPorts, target: ExportTarget): Promise<ExitCode> {
  const [file = ''] = target.out === PRINT ? [] : await placesFor([COURSE_LOG_FILE], target);
  if (file !== '') await writeFile(file, '');
  const write = async (pieces: AsyncIterable<string>): Promise<void> => {
    for await (const text of pieces) {
      if (file === '') ports.stdout(text);
      else await appendFile(file, text);
    }
  };
  await fromPanel(
    ports,
    (client) => write(client.stream('course.log', undefined, new AbortController().signal)),
    () => write(ports.courseLog()),
  );
  if (file !== '') ports.stdout(`${file}\n`);
  return EXIT.done;
}

/** Where the files go, in a folder that is there now. Throws `bad-usage` for one that is there already. */
async function placesFor(names: readonly string[], { out, force }: ExportTarget): Promise<string[]> {
  await mkdir(out, { recursive: true });
  const places = names.map((name) => path.join(out, name));
  for (const file of force ? [] : places) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) throw new OrreryError('bad-usage', { reason: `${file} is there already; --force overwrites it` });
  }
  return places;
}

/** From the panel that runs, so that it is its cluster; else from this process. */
async function fromPanel<T>(
  ports: CommandPorts,
  ask: (client: Client) => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  try {
    return await withPanel(ports.home, ask);
  } catch (thrown) {
    if (thrown instanceof OrreryError && thrown.code === 'panel-absent') return otherwise();
    throw thrown;
  }
}
