import { defineConfig } from '@playwright/test';

/**
 * The journeys of a user. One at a time: every one runs a real cluster, and two at once on two cores
 * only slow each other down. No retries: a flaky journey is a bug.
 */
export default defineConfig({
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
  projects: [{ name: 'web', testMatch: '*.spec.ts' }],
});
