/**
 * The command line over a fake panel, as a process of its own: what command-line.process.test.ts
 * starts. FAKE_PANEL holds the panel's options as JSON.
 */
import { testCluster } from '../../core/export/test-cluster.ts';
import { homeFolder } from '../cluster/home.ts';
import { exportFiles } from '../export/export-files.ts';
import { runProcess } from './process-ports.ts';
import { createFakePanel, type FakePanelOptions } from './fake-panel.ts';

await runProcess({
  home: homeFolder(process.env, process.platform),
  version: '0.0.0',
  rendererFolder: import.meta.dirname,
  openPanel: () => Promise.resolve(createFakePanel(JSON.parse(process.env['FAKE_PANEL'] ?? '{}') as FakePanelOptions)),
  doctor: () =>
    Promise.resolve([
      { id: 'docker', ok: false, found: 'nothing answers', fix: 'Start Docker.' },
      { id: 'node', ok: true, found: 'Node 24', fix: null },
    ]),
  exportCluster: ({ format, workers = 3, datanodes = 3 }) =>
    Promise.resolve(exportFiles(format, testCluster({ workers, datanodes }))),
  async *courseLog() {
    yield '[05/03/2026, 06:08:09] Alive 40123\n';
  },
  clean: () => Promise.resolve({ nodes: 3, networks: 1, volumes: 2 }),
});
