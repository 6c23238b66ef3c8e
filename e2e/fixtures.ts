/**
 * What every journey gets: a panel with a real cluster on Docker, shared by the journeys of a worker;
 * panels of its own for those that stop or break theirs; and a window on either.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { OrreryWindow } from './pages/orrery-window.ts';
import { ClusterApi } from './support/cluster-api.ts';
import { logsOf } from './support/docker.ts';
import { Panel, expectNothingLeft, sweep, type ClusterReport, type PanelOptions } from './support/panel.ts';

export { expect } from '@playwright/test';

/** Which host shows the window. The journeys are the same for all. */
export type HostKind = 'web';

/** How a window is opened in each host. */
const OPEN: Record<HostKind, (page: Page, panel: Panel) => Promise<unknown>> = {
  web: (page, panel) => page.goto(panel.url),
};

export type RunningCluster = { panel: Panel; report: ClusterReport; api: ClusterApi };

/** Panels of one journey's own; all of them are on one data folder. */
export type OwnPanels = {
  readonly home: string;
  readonly clusters: readonly RunningCluster[];
  /** Does not wait for the cluster. */
  serve(options?: Omit<PanelOptions, 'home'>): Promise<Panel>;
  /** Waits until the cluster is ready on Docker. */
  start(options?: Omit<PanelOptions, 'home'>): Promise<RunningCluster>;
};

type TestFixtures = {
  /** A window on the shared cluster. */
  window: OrreryWindow;
  /** Opens a further window, by default on the shared cluster. */
  openWindow(panel?: Panel): Promise<OrreryWindow>;
  own: OwnPanels;
  nodeLogs: null;
};
type WorkerFixtures = { hostKind: HostKind; shared: RunningCluster };

async function running(panel: Panel): Promise<RunningCluster> {
  const report = await panel.readyOnDocker();
  return { panel, report, api: new ClusterApi(report) };
}

/** SIGTERM, then exit code 0 and nothing left. */
async function endCleanly({ panel, report }: RunningCluster): Promise<void> {
  expect(await panel.terminate(), 'exit code after SIGTERM').toBe(0);
  await expectNothingLeft(panel, report);
}

/** Journeys end panels whose window is still open; of all else a browser must not complain. */
const PANEL_GONE = /^WebSocket connection to 'ws:\/\/127\.0\.0\.1:\d+\/bridge' failed/;

function collectComplaints(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('weberror', (event) => complaints.push(String(event.error().stack)));
  context.on('console', (message) => {
    if (message.type() === 'error' && !PANEL_GONE.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  hostKind: ['web', { scope: 'worker', option: true }],

  shared: [
    async ({ hostKind: _hostKind }, use) => {
      const panel = await Panel.serve();
      const clusters: string[] = [];
      try {
        const cluster = await running(panel);
        clusters.push(cluster.report.cluster);
        await use(cluster);
        await endCleanly(cluster);
      } finally {
        await sweep(panel.home, [panel], clusters);
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  openWindow: async ({ context, hostKind, shared }, use) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const complaints = collectComplaints(context);
    await use(async (panel = shared.panel) => {
      const page = await context.newPage();
      await OPEN[hostKind](page, panel);
      return new OrreryWindow(page);
    });
    expect(complaints, 'complaints in the browser').toEqual([]);
  },

  window: async ({ openWindow }, use) => {
    const window = await openWindow();
    await window.expectRunning();
    await use(window);
  },

  /** A journey that fails says what the nodes said. */
  nodeLogs: [
    async ({ shared, own }, use, testInfo) => {
      await use(null);
      if (testInfo.status === testInfo.expectedStatus) return;
      for (const { report } of [...own.clusters, shared]) {
        const file = testInfo.outputPath(`${report.cluster}.log`);
        writeFileSync(file, await logsOf(report.cluster));
        await testInfo.attach(`logs of ${report.cluster}`, { path: file });
      }
    },
    { auto: true },
  ],

  own: async ({ hostKind: _hostKind }, use) => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'orrery-journey-'));
    const panels: Panel[] = [];
    const clusters: RunningCluster[] = [];
    const serve: OwnPanels['serve'] = async (options = {}) => {
      const panel = await Panel.serve({ ...options, home });
      panels.push(panel);
      return panel;
    };
    const start: OwnPanels['start'] = async (options = {}) => {
      const cluster = await running(await serve(options));
      clusters.push(cluster);
      return cluster;
    };
    try {
      await use({ home, clusters, serve, start });
      const last = clusters.at(-1);
      if (last?.panel.alive) await endCleanly(last);
    } finally {
      await sweep(
        home,
        panels,
        clusters.map(({ report }) => report.cluster),
      );
    }
  },
});
