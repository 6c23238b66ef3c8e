/** Notices crashes, writes each down, and shows the report at the next start. See crash-reports.ts. */
import { rmSync } from 'node:fs';
import os from 'node:os';
import { app, crashReporter, dialog, shell } from 'electron';
import { composeReport, type Crash, type CrashReports } from './crash-reports.ts';
import type { Say } from './words.ts';

/** Ends of helper processes that nobody needs to hear of. */
const ORDERLY: ReadonlySet<string> = new Set(['clean-exit', 'killed']);
/** Nodes of the process engine have their own place to tell why they ended. */
const NODE_SERVICE = /^orrery /;

/** Must run before Electron is ready. `version`: of Orrery. */
export function watchCrashes(reports: CrashReports, version: string): void {
  // Dumps of native crashes stay in the data folder too.
  crashReporter.start({ uploadToServer: false });
  const write = (crash: Crash) => {
    const nowMs = Date.now();
    const electron = process.versions['electron'] ?? 'none';
    const around = { version, platform: `${process.platform} ${process.arch}`, electron, nowMs };
    reports.write(composeReport(crash, around, os.homedir(), os.userInfo().username), nowMs);
  };
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    write({ what: 'the panel', detail: error.stack ?? error.message });
    // What runs is taken over, or cleared away, by the next start.
    app.exit(1);
  });
  app.on('render-process-gone', (_, contents, { reason, exitCode }) => {
    if (ORDERLY.has(reason)) return;
    write({ what: 'a window', detail: `${reason}, exit code ${exitCode}` });
    contents.reload();
  });
  app.on('child-process-gone', (_, { type, reason, exitCode, name }) => {
    if (ORDERLY.has(reason) || NODE_SERVICE.test(name ?? '')) return;
    write({ what: `a helper process (${type})`, detail: `${reason}, exit code ${exitCode}` });
  });
}

/** Says once that there was a crash, and shows the report to whoever wants to see it. */
export async function showLastCrash(reports: CrashReports, say: Say): Promise<void> {
  for (const file of reports.surplus()) rmSync(file, { force: true });
  const file = reports.takeUnseen();
  if (file === null) return;
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    message: say('crashTitle'),
    detail: `${say('crashText')}\n\n${file}`,
    buttons: [say('crashShow'), say('crashLater')],
    defaultId: 0,
    cancelId: 1,
  });
  if (response === 0) await shell.openPath(file);
}
