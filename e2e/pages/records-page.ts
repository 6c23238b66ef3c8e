/** What is stored, where it lies, and how its copies are. */
import { readFileSync } from 'node:fs';
import { expect, test, type Locator, type Page } from '@playwright/test';

export class RecordsPage {
  readonly table: Locator;
  readonly refresh: Locator;
  readonly prefix: Locator;
  readonly value: Locator;
  readonly copies: Locator;
  readonly verdict: Locator;
  /** Whether all shards have their copies. */
  readonly state: Locator;
  readonly recovery: Locator;
  readonly chain: Locator;
  readonly shards: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    const main = page.getByRole('main');
    this.table = page.getByRole('table', { name: 'Stored records' });
    this.refresh = page.getByRole('button', { name: 'Refresh' });
    this.prefix = main.getByRole('textbox', { name: 'Prefix' });
    this.value = page.getByTestId('record-value');
    this.copies = page.getByRole('table', { name: 'Copies', exact: true });
    this.verdict = page.getByRole('status').filter({ hasText: 'copies are sound' });
    this.state = main.getByRole('status').filter({ hasText: /Linearizable/ });
    this.recovery = page.getByRole('region', { name: 'Recovery' });
    this.chain = page.getByRole('list', { name: 'Chain of events' }).first();
    this.shards = page.getByRole('grid', { name: /^Shards by datanode/ });
  }

  row(key: string): Locator {
    return this.table.getByRole('row').filter({ has: this.#page.getByRole('button', { name: key, exact: true }) });
  }

  replicas(key: string): Locator {
    return this.row(key).getByRole('group', { name: 'Replicas' }).getByRole('button');
  }

  /** Shows the records under a prefix. */
  browse(prefix: string): Promise<void> {
    return test.step(`browse ${prefix}`, () => this.prefix.fill(prefix));
  }

  read(key: string): Promise<void> {
    return test.step(`read ${key}`, () => this.row(key).getByRole('button', { name: key, exact: true }).click());
  }

  /** Writes the record that is shown anew. */
  edit(value: string): Promise<void> {
    return test.step('edit', async () => {
      await this.#page.getByRole('button', { name: 'Edit', exact: true }).click();
      await this.#form('Edit').getByRole('textbox', { name: 'Value' }).fill(value);
      await this.write();
    });
  }

  write(): Promise<void> {
    return this.#page.getByRole('button', { name: 'Write', exact: true }).click();
  }

  create(key: string, value: string): Promise<void> {
    return test.step(`create ${key}`, async () => {
      await this.#page.getByRole('button', { name: 'New record' }).click();
      const form = this.#form('New record');
      await form.getByRole('textbox', { name: 'Key' }).fill(key);
      await form.getByRole('textbox', { name: 'Value' }).fill(value);
      await this.write();
    });
  }

  press(name: string): Promise<void> {
    return this.#page.getByRole('button', { name, exact: true }).click();
  }

  showShards(): Promise<void> {
    return this.#page.getByText('Shards and repair').click();
  }

  /** Imports a file; gives the dialog, which shows the results. */
  import(name: string, text: string, count: number): Promise<Locator> {
    return test.step(`import ${name}`, async () => {
      await this.press('Import');
      const dialog = this.#page.getByRole('dialog', { name: 'Import records' });
      const buffer = Buffer.from(text);
      await dialog.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer });
      await dialog.getByRole('button', { name: `Write ${count} records` }).click();
      await expect(dialog.getByRole('table', { name: 'Results' })).toBeVisible();
      return dialog;
    });
  }

  /** The text of the file that an export saves. */
  export(prefix: string, format: 'CSV' | 'JSON'): Promise<string> {
    return test.step(`export ${prefix} as ${format}`, async () => {
      await this.press('Export');
      const dialog = this.#page.getByRole('dialog', { name: 'Export records' });
      await dialog.getByRole('textbox', { name: 'Prefix' }).fill(prefix);
      await dialog.getByText(format, { exact: true }).click();
      const saved = this.#page.waitForEvent('download');
      await dialog.getByRole('button', { name: 'Export' }).click();
      const text = readFileSync(await (await saved).path(), 'utf8');
      await dialog.getByRole('button', { name: 'Close' }).click();
      return text;
    });
  }

  #form(name: string): Locator {
    return this.#page.getByRole('form', { name });
  }
}
