/** `load`: one load test, by the panel that runs or, for an address where none does, in this process. */
import { writeFileSync } from 'node:fs';
import { OrreryError } from '../../../containers/protocol/errors.ts';
import type { LoadPlan } from '../../core/load/load-plan.ts';
import { isOver, type LoadPush, type LoadRun, type LoadRunHead } from '../../core/load/load-run.ts';
import type { LoadSecond } from '../../core/load/load-second.ts';
import type { LoadSummary, Verdict } from '../../core/load/load-summary.ts';
import { reportCsv } from '../../core/load/report-csv.ts';
import { reportHtml } from '../../core/load/report-html.ts';
import { remoteHost } from '../../core/load/remote-host.ts';
import { LoadRunner } from '../load/load-runner.ts';
import { describeFailure, EXIT, type ExitCode } from './exit.ts';
import type { LoadCommand } from './load-options.ts';
import { describeProgress, describeRun } from './load-text.ts';
import { withPanel } from './panel-client.ts';
import type { CommandPorts } from './ports.ts';

/** Whoever runs it: a panel over its bridge, or a runner here. */
type Host = {
  start(command: LoadCommand, allowRemote: string | null): Promise<string>;
  follow(signal: AbortSignal): AsyncIterable<LoadPush>;
  stop(): Promise<unknown>;
};

const EXITS: Record<Verdict, ExitCode> = {
  pass: EXIT.done,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
  invalid: EXIT.invalid,
  none: EXIT.done,
};

export async function load(ports: CommandPorts, command: LoadCommand): Promise<ExitCode> {
  const run = await withHost(ports, command.plan, (host) => perform(ports, host, command));
  const { summary, failure } = run;
  if (command.reportFile !== null)
    writeFileSync(command.reportFile, reportHtml(run, { formatTime: (atMs) => new Date(atMs).toISOString() }));
  if (command.csvFile !== null) writeFileSync(command.csvFile, reportCsv(run));
  if (summary === null) throw new OrreryError('internal', { reason: failure ?? 'no result', node: 'the generator' });
  if (command.json) ports.stdout(`${JSON.stringify(resultOf(run))}\n`);
  else ports.stdout(`${describeRun(run, summary)}\n`);
  return exitOf(summary);
}

/** Without a threshold there is nothing to judge by; but when nothing was answered, that is no success. */
export function exitOf({ verdict, ok }: Pick<LoadSummary, 'verdict' | 'ok'>): ExitCode {
  return verdict === 'none' && ok === 0 ? EXIT.failed : EXITS[verdict];
}

function resultOf({ seconds, marks, summary, ...head }: LoadRun) {
  return { ...head, ...summary, seconds: seconds.length, marks: marks.length };
}

async function withHost(ports: CommandPorts, plan: LoadPlan, use: (host: Host) => Promise<LoadRun>): Promise<LoadRun> {
  try {
    return await withPanel(ports.home, (client) =>
      use({
        start: async ({ name }, allowRemote) => (await client.call('load.start', { plan, name, allowRemote })).run,
        follow: (signal) => client.stream('load.follow', undefined, signal),
        stop: () => client.call('load.stop', undefined),
      }),
    );
  } catch (error) {
    if (!(error instanceof OrreryError && error.code === 'panel-absent' && plan.target.kind === 'http')) throw error;
  }
  ports.stderr('no panel is running: this run is not kept\n');
  const runner = new LoadRunner({
    nowMs: () => Date.now(),
    cluster: () => null,
    journal: null,
    save: () => Promise.resolve(),
  });
  try {
    return await use({
      start: async ({ name }, allowRemote) => runner.start({ plan, name, allowRemote, by: 'command-line' }),
      follow: (signal) => runner.follow(signal),
      stop: async () => runner.stop(),
    });
  } finally {
    await runner.close();
  }
}

async function perform(ports: CommandPorts, host: Host, command: LoadCommand): Promise<LoadRun> {
  const remote = command.allowRemote ? remoteHost(command.plan.target) : null;
  const id = await host.start(command, remote);
  ports.onSignal(() => {
    // What was measured until now is still worth a result.
    host.stop().catch((error: unknown) => ports.stderr(`${describeFailure(error)}\n`));
  });
  const following = new AbortController();
  const rows = new Map<number, LoadSecond>();
  const marks: LoadRun['marks'] = [];
  let head: LoadRunHead | null = null;
  const tell = progressTeller(ports);
  try {
    for await (const push of host.follow(following.signal)) {
      if (push.head?.run !== id) continue;
      head = push.head;
      for (const row of push.seconds) rows.set(row.second, row);
      marks.push(...push.marks);
      tell(push, rows);
      if (isOver(head.state)) break;
    }
  } finally {
    following.abort();
  }
  if (head === null) throw new OrreryError('disconnected');
  return { ...head, seconds: [...rows.values()].sort((a, b) => a.second - b.second), marks };
}

const TELL_EVERY_MS = 5_000;

function progressTeller(ports: CommandPorts) {
  let nextMs = TELL_EVERY_MS;
  return ({ head, progress }: LoadPush, rows: ReadonlyMap<number, LoadSecond>) => {
    if (head === null || progress === null || progress.runMs < nextMs || isOver(head.state)) return;
    nextMs = progress.runMs - (progress.runMs % TELL_EVERY_MS) + TELL_EVERY_MS;
    ports.stderr(`${describeProgress(head, progress, rows)}\n`);
  };
}
