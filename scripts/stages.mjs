// Runs named stages one after the other, counts tests, prints the time of each and a closing line.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, toolEnvironment } from './bootstrap.mjs';

const reports = path.join(root, 'test-results');
const env = { ...toolEnvironment, NO_COLOR: '1' };

/** A stage that passes when the command exits 0. */
export function tool(command, args, extraEnv = {}) {
  return () => execute(command, args, extraEnv);
}

function execute(command, args, extraEnv = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...env, ...extraEnv },
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs vitest projects; counts from its JSON report, so that a crash is never counted as passed. */
async function runVitest(projects, extraEnv) {
  mkdirSync(reports, { recursive: true });
  const file = path.join(reports, `vitest-${projects.join('-')}.json`);
  rmSync(file, { force: true });
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  for (const project of projects) args.push('--project', project);
  const code = await execute('vitest', args, extraEnv);
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    return {
      code,
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { code: code || 1, passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs Playwright projects; counts likewise. A flaky test counts as failed: there are no retries. */
async function runPlaywright(projects, extraEnv) {
  mkdirSync(reports, { recursive: true });
  const file = path.join(reports, `playwright-${projects.join('-')}.json`);
  rmSync(file, { force: true });
  const args = ['test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'];
  for (const project of projects) args.push('--project', project);
  const code = await execute('playwright', args, { ...extraEnv, PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  try {
    const { stats } = JSON.parse(readFileSync(file, 'utf8'));
    return { code, passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped };
  } catch {
    return { code: code || 1, passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * Runs all stages, also after a failure. A skipped test fails the run on a CI machine.
 * Returns the exit code. The last line is `N passed, N failed`.
 */
export async function runStages(stages) {
  const rows = [];
  for (const stage of stages) {
    process.stdout.write(`\n── ${stage.name}\n`);
    const startedMs = performance.now();
    let result;
    if (stage.vitest) result = await runVitest(stage.vitest, stage.env ?? {});
    else if (stage.playwright) result = await runPlaywright(stage.playwright, stage.env ?? {});
    else {
      const code = await stage.run();
      result = { code, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    }
    // A runner that fails without a failed test (a crash, an unhandled error) is one failure.
    if (result.code !== 0 && result.failed === 0) result.failed = 1;
    if (process.env.CI && result.skipped > 0) result.failed += result.skipped;
    rows.push({ name: stage.name, seconds: (performance.now() - startedMs) / 1000, ...result });
  }
  process.stdout.write('\n');
  for (const row of rows) {
    const skipped = row.skipped > 0 ? `, ${row.skipped} skipped` : '';
    process.stdout.write(
      `${row.name.padEnd(12)} ${row.seconds.toFixed(1).padStart(7)} s   ${row.passed} passed, ${row.failed} failed${skipped}\n`,
    );
  }
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') === 0 ? 0 : 1;
}
