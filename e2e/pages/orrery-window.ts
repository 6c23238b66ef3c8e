/** The window: what is the same on every page, and the way to each page. */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { HeartbeatsPage } from './heartbeats-page.ts';
import { Inspector } from './inspector.ts';
import { LatencyPage } from './latency-page.ts';
import { Calculator, RecordBox } from './quick-actions.ts';
import { RecordsPage } from './records-page.ts';
import { SettingsPage } from './settings-page.ts';
import { Timeline } from './timeline.ts';
import { TopologyPage } from './topology-page.ts';

export const PAGE_NAMES = [
  'Topology',
  'Heartbeats',
  'Tasks',
  'Latency',
  'Load',
  'Elastic',
  'Records',
  'Weather',
  'Courses',
  'Settings',
] as const;
export type PageName = (typeof PAGE_NAMES)[number];

export class OrreryWindow {
  readonly page: Page;
  readonly topology: TopologyPage;
  readonly heartbeats: HeartbeatsPage;
  readonly latency: LatencyPage;
  readonly records: RecordsPage;
  readonly settings: SettingsPage;
  readonly inspector: Inspector;
  readonly timeline: Timeline;
  readonly calculator: Calculator;
  readonly record: RecordBox;
  readonly bar: Locator;
  readonly stopDialog: Locator;
  readonly palette: Locator;

  /** Text that was last copied. */
  readonly clipboard: () => Promise<string>;

  constructor(page: Page, clipboard: () => Promise<string>) {
    this.page = page;
    this.clipboard = clipboard;
    this.topology = new TopologyPage(page);
    this.heartbeats = new HeartbeatsPage(page);
    this.latency = new LatencyPage(page);
    this.records = new RecordsPage(page);
    this.settings = new SettingsPage(page);
    this.inspector = new Inspector(page);
    this.timeline = new Timeline(page);
    this.calculator = new Calculator(page);
    this.record = new RecordBox(page);
    this.bar = page.getByRole('banner', { name: 'Cluster' });
    this.stopDialog = page.getByRole('dialog', { name: 'Stop the cluster' });
    this.palette = page.getByPlaceholder('Page, action or node');
  }

  /** The link of a page in the rail. */
  link(name: PageName): Locator {
    return this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
  }

  open(name: PageName): Promise<void> {
    return test.step(`open the page ${name}`, async () => {
      await this.link(name).click();
      await expect(this.page.getByRole('main', { name })).toBeVisible();
    });
  }

  /** Waits until the bar says that the cluster runs with all its nodes ready. */
  expectRunning(nodes = 8): Promise<void> {
    return test.step(`the bar says running, ${nodes} of ${nodes} ready`, async () => {
      await expect(this.bar.getByRole('status').first()).toHaveText(/running$/);
      await expect(this.bar).toContainText(`${nodes}/${nodes} ready`);
    });
  }

  /** A message in the corner. */
  notice(text: string): Locator {
    return this.page.getByRole('alert').filter({ hasText: text });
  }

  stop(keepAs: string | null): Promise<void> {
    return test.step(keepAs === null ? 'stop and remove all' : `stop and keep data as ${keepAs}`, async () => {
      await this.bar.getByRole('button', { name: 'Stop' }).click();
      if (keepAs === null) await this.stopDialog.getByRole('button', { name: 'Stop and remove all' }).click();
      else {
        await this.stopDialog.getByLabel('Keep its data under this name').fill(keepAs);
        await this.stopDialog.getByRole('button', { name: 'Stop and keep data' }).click();
      }
      await expect(this.notice('The cluster is stopped.')).toBeVisible({ timeout: 30_000 });
    });
  }
}
