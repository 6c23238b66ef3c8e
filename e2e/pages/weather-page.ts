/** The weather: search, what was found, the way it took, and what is stored. */
import { expect, test, type Locator, type Page } from '@playwright/test';

export class WeatherPage {
  readonly search: Locator;
  readonly lookUpButton: Locator;
  readonly current: Locator;
  readonly temperature: Locator;
  readonly record: Locator;
  readonly source: Locator;
  readonly age: Locator;
  readonly way: Locator;
  readonly table: Locator;
  readonly map: Locator;
  readonly historyFrom: Locator;
  readonly mirrorState: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.search = page.getByRole('combobox', { name: 'City' });
    this.lookUpButton = page.getByRole('button', { name: 'Look up', exact: true });
    this.current = page.getByRole('region', { name: 'Now' });
    this.temperature = this.current.getByTestId('temperature');
    this.record = this.current.getByTestId('weather-record');
    this.source = this.current.getByTestId('weather-source');
    this.age = this.current.getByTestId('weather-age');
    this.way = page.getByRole('region', { name: 'Way of this lookup' });
    this.table = page.getByRole('table', { name: 'Cities looked up' });
    this.map = page.getByRole('img', { name: /^Map of the cities/ });
    this.historyFrom = page.getByTestId('history-from');
    this.mirrorState = page.getByTestId('mirror-state');
  }

  /** Asks for a city; what comes of it shows in `current`. */
  lookUp(city: string): Promise<void> {
    return test.step(`look up ${city}`, async () => {
      await this.search.fill(city);
      await this.#page.keyboard.press('Escape');
      await this.lookUpButton.click();
    });
  }

  expectFound(city: string): Promise<void> {
    return expect(this.current.getByRole('heading', { name: city, exact: true })).toBeVisible();
  }

  choose(option: 'Open-Meteo' | 'Demonstration' | '°C' | '°F'): Promise<void> {
    return this.#page.locator('label').filter({ hasText: option }).click();
  }

  row(city: string): Locator {
    return this.table
      .getByRole('row')
      .filter({ has: this.#page.getByRole('button', { name: `Look up ${city} again`, exact: true }) });
  }

  comparing(city: string): Locator {
    return this.table.getByRole('checkbox', { name: `Compare ${city}`, exact: true });
  }
}
