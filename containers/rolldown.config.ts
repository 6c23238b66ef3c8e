import { defineConfig } from 'rolldown';

/** One self-contained file a role: what the image holds and what the process engine starts. */
export default defineConfig(
  ['master', 'worker', 'headnode', 'datanode'].map((role) => ({
    input: `containers/${role}/main.ts`,
    platform: 'node' as const,
    output: { file: `out/containers/${role}.mjs`, format: 'esm' as const, inlineDynamicImports: true },
  })),
);
