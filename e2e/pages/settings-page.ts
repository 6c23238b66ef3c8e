/** Language, theme and motion of the window. */
import { expect, test, type Page } from '@playwright/test';

export const LANGUAGES = { en: 'English', fr: 'Français', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

export class SettingsPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The page must be open; the name of the field is in the language of the window. */
  choose(language: Language): Promise<void> {
    return test.step(`choose ${LANGUAGES[language]}`, async () => {
      const html = this.#page.locator('html');
      await this.#page.getByRole('main').getByRole('combobox').click();
      await this.#page.getByRole('option', { name: LANGUAGES[language] }).click();
      await expect(html).toHaveAttribute('lang', language);
    });
  }
}
