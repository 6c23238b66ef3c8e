/** What is shown of the selection, on the right of every page. */
import { test, type Locator, type Page } from '@playwright/test';

export class Inspector {
  readonly panel: Locator;
  /** What can be done with several nodes at once. */
  readonly bulk: Locator;

  constructor(page: Page) {
    this.panel = page.getByRole('complementary', { name: 'Selection' });
    this.bulk = this.panel.getByRole('toolbar', { name: 'Selected nodes' });
  }

  /** One of the actions on a node. */
  action(name: 'Kill' | 'Remove' | 'Respawn' | 'Hold down' | 'Let it restart'): Locator {
    return this.panel.getByRole('group', { name: 'Actions' }).getByRole('button', { name });
  }

  act(name: 'Kill' | 'Remove' | 'Respawn' | 'Hold down' | 'Let it restart'): Promise<void> {
    return test.step(`press ${name}`, () => this.action(name).click());
  }

  /** The value beside a name. */
  fact(name: string): Locator {
    return this.panel
      .getByRole('term')
      .filter({ hasText: new RegExp(`^${name}$`) })
      .locator('+ dd');
  }

  log(node: string): Locator {
    return this.panel.getByRole('log', { name: `Log of ${node}`, exact: true });
  }

  close(): Promise<void> {
    return test.step('close the inspector', () =>
      this.panel.getByRole('button', { name: 'Close the inspector' }).click());
  }
}
