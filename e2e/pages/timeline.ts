/** The strip below every page, which opens into the list of events. */
import { expect, test, type Locator, type Page } from '@playwright/test';

export class Timeline {
  readonly region: Locator;
  readonly #toggle: Locator;
  readonly #filter: Locator;

  constructor(page: Page) {
    this.region = page.getByRole('region', { name: 'Timeline' });
    this.#toggle = this.region.getByRole('button', { name: 'Events', exact: true });
    this.#filter = this.region.getByRole('textbox', { name: 'Filter events' });
  }

  open(): Promise<void> {
    return test.step('open the list of events', async () => {
      if ((await this.#toggle.getAttribute('aria-expanded')) !== 'true') await this.#toggle.click();
      await expect(this.#filter).toBeVisible();
    });
  }

  /** The events that hold `text`, newest first. */
  events(text: string | RegExp): Locator {
    return this.region.getByRole('table', { name: 'Events' }).getByRole('row').filter({ hasText: text });
  }
}
