import { defineConfig } from '@playwright/test';
import { ENGINE, type HostKind } from './support/hosts.ts';

/** About the stand-in itself, so only for it. */
const STAND_IN = 'stand-in.spec.ts';
const DESKTOP = 'desktop.spec.ts';
/** What runs under the stand-in too: enough to pass through every part of the shell. All run in the other two. */
const CORE = /(stand-in|desktop|alive|calculator|records|past|stop)\.spec\.ts$/;

/** What comes as a download of the browser: the desktop's own dialog cannot be driven. */
const IN_A_BROWSER = 'record-files.spec.ts';

/** What asks Docker nothing. */
const WITHOUT_DOCKER = /(calculator|keyboard|languages)\.spec\.ts$/;

/**
 * The journeys of a user. One at a time: every one runs a real cluster, and two at once on two cores
 * only slow each other down. No retries: a flaky journey is a bug.
 */
export default defineConfig<object, { hostKind: HostKind }>({
  testDir: '.',
  outputDir: '../test-results/journeys',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env['ORRERY_CHROMIUM'] || '/usr/bin/chromium',
      args: ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'web', testMatch: '*.spec.ts', testIgnore: [STAND_IN, DESKTOP] },
    { name: 'electron-stub', testMatch: CORE, use: { hostKind: 'electron-stub' } },
    {
      name: 'electron',
      testMatch: ENGINE === 'docker' ? '*.spec.ts' : WITHOUT_DOCKER,
      testIgnore: [STAND_IN, IN_A_BROWSER],
      use: { hostKind: 'electron' },
    },
  ],
});
