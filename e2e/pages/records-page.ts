/** What is stored, and where it lies. */
import type { Locator, Page } from '@playwright/test';

export class RecordsPage {
  readonly table: Locator;
  readonly refresh: Locator;

  constructor(page: Page) {
    this.table = page.getByRole('table', { name: 'Stored records' });
    this.refresh = page.getByRole('button', { name: 'Refresh' });
  }

  row(key: string): Locator {
    return this.table
      .getByRole('row')
      .filter({ has: this.table.page().getByRole('button', { name: key, exact: true }) });
  }

  replicas(key: string): Locator {
    return this.row(key).getByRole('group', { name: 'Replicas' }).getByRole('button');
  }
}
