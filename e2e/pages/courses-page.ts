/** The five course systems, and what the cluster sees of programs that join. */
import { expect, test, type Locator, type Page } from '@playwright/test';

export class CoursesPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  card(name: string): Locator {
    return this.#page.getByRole('region', { name, exact: true });
  }

  tab(name: 'Systems' | 'Connect your program'): Promise<void> {
    return this.#page.locator('label').filter({ hasText: name }).click();
  }

  get address(): Locator {
    return this.#page.getByTestId('connect-address');
  }

  get example(): Locator {
    return this.#page.getByRole('group', { name: 'Example' });
  }

  choose(program: string, language: string): Promise<void> {
    return test.step(`${program} in ${language}`, async () => {
      await this.#page.getByRole('combobox', { name: 'What it is' }).click();
      await this.#page.getByRole('option', { name: program, exact: true }).click();
      await this.#page.locator('label').filter({ hasText: language }).click();
    });
  }

  /** What is seen of the program that is called so. */
  program(name: string): Locator {
    return this.#page
      .getByRole('list', { name: 'What the cluster sees' })
      .getByRole('listitem')
      .filter({ hasText: name });
  }

  expectChecks(name: string, states: Record<string, 'done' | 'failed' | 'waiting'>): Promise<void> {
    return test.step(`${name}: ${JSON.stringify(states)}`, async () => {
      for (const [check, state] of Object.entries(states)) {
        const line = this.#page.locator(`[data-kind]`).filter({ hasText: name }).locator(`[data-check="${check}"]`);
        await expect(line).toHaveAttribute('data-state', state, { timeout: 15_000 });
      }
    });
  }
}
