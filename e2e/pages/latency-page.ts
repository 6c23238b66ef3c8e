/** How long requests take: a chart, and its numbers in a table. */
import type { Locator, Page } from '@playwright/test';

export class LatencyPage {
  readonly chart: Locator;
  readonly table: Locator;

  constructor(page: Page) {
    this.chart = page.getByRole('img', { name: /^Percentiles of / });
    this.table = page.getByRole('table', { name: 'Last minute, all series' });
  }

  /** Count, p50, p95, p99 and maximum of a series over the last minute. */
  numbers(series: string): Promise<string[]> {
    return this.table
      .getByRole('row', { name: new RegExp(`^${series} `) })
      .getByRole('cell')
      .allInnerTexts();
  }

  async count(series: string): Promise<number> {
    const [, count = '0'] = await this.numbers(series);
    return Number(count.replaceAll(/\s/g, ''));
  }
}
