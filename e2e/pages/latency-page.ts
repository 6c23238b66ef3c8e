/** How long requests take: a chart, and its numbers in a table. */
import type { Locator, Page } from '@playwright/test';

export class LatencyPage {
  readonly #page: Page;
  readonly chart: Locator;
  readonly table: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.chart = page.getByRole('img', { name: /^Percentiles of / });
    this.table = page.getByRole('table', { name: 'Latencies by group' });
  }

  showSpan(span: string): Promise<void> {
    return this.#page.getByText(span, { exact: true }).first().click();
  }

  /** What was measured, count, p50, p95 and p99 of a group over the span that is shown. */
  numbers(series: string): Promise<string[]> {
    return this.table
      .getByRole('row', { name: new RegExp(`^${series} `) })
      .getByRole('cell')
      .allInnerTexts();
  }

  async count(series: string): Promise<number> {
    const [, , count = '0'] = await this.numbers(series);
    return Number(count.replaceAll(/\s/g, ''));
  }
}
