import { defineConfig } from 'vitest/config';

/** `unit` needs nothing but Node; `docker` runs against a real engine and fails, never skips, without one. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['containers/**/*.test.ts', 'src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/*.docker.test.ts', '**/*.process.test.ts', 'node_modules/**'],
          globalSetup: ['scripts/assert-node.ts'],
          // A limit against hanging, not a measure of speed: property tests share two cores with the rest.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'process',
          include: ['**/*.process.test.ts'],
          exclude: ['node_modules/**'],
          globalSetup: ['scripts/assert-node.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['**/*.docker.test.ts'],
          exclude: ['node_modules/**'],
          globalSetup: ['scripts/assert-node.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
