/** Who was heard when. */
import type { Locator, Page } from '@playwright/test';

export class HeartbeatsPage {
  readonly table: Locator;

  constructor(page: Page) {
    this.table = page.getByRole('table', { name: 'Members' });
  }

  row(node: string): Locator {
    return this.table.getByRole('row', { name: new RegExp(`^${node} `) });
  }

  /** How old the last beat of a node is. */
  age(node: string): Locator {
    return this.row(node).getByRole('cell').nth(2);
  }
}
