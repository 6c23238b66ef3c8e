/** The two forms with which a person sends requests; they are on several pages. */
import { expect, test, type Locator, type Page } from '@playwright/test';

/** A duration as the window writes it. */
export const DURATION = /^\d[\d.]* (ms|s)$/;

export class Calculator {
  readonly form: Locator;
  readonly answer: Locator;
  readonly result: Locator;
  readonly copyCurl: Locator;
  /** How long it took; opens the request. */
  readonly took: Locator;

  constructor(page: Page) {
    this.form = page.getByRole('form', { name: 'Calculator' });
    this.answer = this.form.getByRole('status', { name: 'Answer of the calculator' });
    this.result = this.answer.getByRole('strong');
    this.copyCurl = this.answer.getByRole('button', { name: 'Copy as curl' });
    this.took = this.answer.getByRole('button', { name: 'Show this request' });
  }

  /** The worker that computed the answer. */
  worker(): Locator {
    return this.answer.getByRole('button', { name: /^worker-\d+$/ });
  }

  send(expression: string): Promise<void> {
    return test.step(`calculate ${expression}`, async () => {
      await this.form.getByRole('textbox', { name: 'Expression' }).fill(expression);
      await this.form.getByRole('button', { name: 'Calculate' }).click();
    });
  }

  /** Sends and waits for the result. */
  calculate(expression: string, result: string): Promise<void> {
    return test.step(`${expression} is ${result}`, async () => {
      await this.send(expression);
      await expect(this.result).toHaveText(result);
    });
  }
}

export class RecordBox {
  readonly form: Locator;
  readonly answer: Locator;
  readonly copyCurl: Locator;
  /** The value that was read. */
  readonly value: Locator;
  readonly replicas: Locator;

  constructor(page: Page) {
    this.form = page.getByRole('form', { name: 'Record' });
    this.answer = this.form.getByRole('status', { name: 'Answer for the record' });
    this.value = this.answer.getByRole('strong');
    this.copyCurl = this.answer.getByRole('button', { name: 'Copy as curl' });
    this.replicas = this.answer.getByRole('group', { name: 'Replicas' }).getByRole('button');
  }

  put(key: string, value: string): Promise<void> {
    return test.step(`put ${key}`, async () => {
      await this.form.getByRole('textbox', { name: 'Key' }).fill(key);
      await this.form.getByRole('textbox', { name: 'Value' }).fill(value);
      await this.form.getByRole('button', { name: 'Put' }).click();
      await expect(this.answer).toContainText('stored');
    });
  }

  /** Asks for a record and waits for its value. */
  get(key: string, value: string): Promise<void> {
    return test.step(`get ${key}`, async () => {
      await this.form.getByRole('textbox', { name: 'Key' }).fill(key);
      await this.form.getByRole('button', { name: 'Get' }).click();
      await expect(this.value).toHaveText(value);
    });
  }
}
