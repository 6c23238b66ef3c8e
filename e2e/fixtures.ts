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
import type { HostKind } from './support/hosts.ts';
import { Panel, expectNothingLeft, sweep, type ClusterReport, type PanelOptions } from './support/panel.ts';

export { expect } from '@playwright/test';
export const VIEWPORT = { width: 1440, height: 900 };

type Window = { page: Page; context: BrowserContext; clipboard(): Promise<string> };

/** Journeys are of people who have had their first minute; the one about it asks for it. */
const hadFirstMinute = () => {
  // A window of the desktop begins with an empty page, which can remember nothing.
  if (location.protocol !== 'about:') localStorage.setItem('orrery.tour', 'seen');
};

/** Opens a window as a person does: in the browser at the panel's address, or from the application's menu. */
async function showWindow(browser: BrowserContext, { application, url }: Panel): Promise<Window> {
  await (application?.context() ?? browser).addInitScript(hadFirstMinute);
  if (application === null) {
    await browser.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await browser.newPage();
    await page.goto(url);
    return { page, context: browser, clipboard: () => page.evaluate(() => navigator.clipboard.readText()) };
  }
  const [page] = await Promise.all([
    application.waitForEvent('window'),
    application.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('new-window')?.click()),
  ]);
  await page.setViewportSize(VIEWPORT);
  const clipboard = () => application.evaluate((electron) => electron.clipboard.readText());
  return { page, context: application.context(), clipboard };
}

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

function collectComplaints(context: BrowserContext, complaints: string[]): void {
  context.on('weberror', (event) => complaints.push(String(event.error().stack)));
  context.on('console', (message) => {
    if (message.type() === 'error' && !PANEL_GONE.test(message.text())) complaints.push(message.text());
  });
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  hostKind: ['web', { scope: 'worker', option: true }],

  shared: [
    async ({ hostKind }, use) => {
      const panel = await Panel.serve(hostKind);
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

  openWindow: async ({ context: browser, shared }, use) => {
    const complaints: string[] = [];
    const pages: Page[] = [];
    const heard = new Set<BrowserContext>();
    await use(async (panel = shared.panel) => {
      const { page, context, clipboard } = await showWindow(browser, panel);
      if (!heard.has(context)) collectComplaints(context, complaints);
      heard.add(context);
      if (panel.application) pages.push(page);
      return new OrreryWindow(page, clipboard);
    });
    for (const page of pages.filter((opened) => !opened.isClosed())) {
      // The desktop's windows share what they remember; the next journey begins with nothing.
      await page.evaluate(() => localStorage.clear());
      await page.close();
    }
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

  own: async ({ hostKind }, use) => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'orrery-journey-'));
    const panels: Panel[] = [];
    const clusters: RunningCluster[] = [];
    const serve: OwnPanels['serve'] = async (options = {}) => {
      const panel = await Panel.serve(hostKind, { ...options, home });
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
