/**
 * What the diagnosis is told of programs that only ask: clients of the calculator and of line mode, and whatever
 * asks for something that cannot be understood. Told only; it decides nothing.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Unrouted } from '../../kit/http-server.ts';
import type { HttpRequest } from '../../kit/http-types.ts';
import { toOrreryError } from '../../protocol/errors.ts';
import { PANEL_AGENT } from '../../protocol/guests.ts';
import type { GuestStep } from '../../protocol/guests.ts';
import { LOAD_HEADER } from '../../protocol/weather-limits.ts';
import type { RowView } from '../core-types.ts';
import { isFinal } from '../task-row.ts';
import { callMeant } from './course-calls.ts';

type Asked = Pick<HttpRequest, 'headers' | 'peer'>;
type What = Pick<GuestStep, 'guest' | 'step'>;
type Told = Pick<GuestStep, 'ok' | 'code' | 'reason' | 'task' | 'astray'>;

export class ClientDesk {
  readonly #note: (step: GuestStep) => void;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number, note: (step: GuestStep) => void) {
    this.#note = note;
    this.#nowMs = nowMs;
  }

  /** Who asks the calculator; null for the panel itself and for load tests. */
  calculator({ headers, peer }: Asked): CalculatorClient | null {
    if (headers[LOAD_HEADER] !== undefined || headers['user-agent'] === PANEL_AGENT) return null;
    const name = nameOf(headers, peer);
    return new CalculatorClient((step, told) => this.tell({ guest: 'calculator', step }, name, told));
  }

  tell(what: What, peer: string, told: Told): void {
    this.#note({ atMs: Math.round(this.#nowMs()), node: null, peer, ...what, ...told });
  }

  /** Reads what a program sent. Of a refusal of its shape, nobody but the diagnosis hears who sent it. */
  async read<T>({ headers, peer }: Asked, what: What, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      this.tell(what, nameOf(headers, peer), refusal(thrown));
      throw thrown;
    }
  }

  /** A call that there is not: told when one of the course was probably meant. */
  unrouted({ method, path, headers, peer, error }: Unrouted): void {
    const meant = callMeant(path);
    if (meant === null) return;
    const { guest, step, call } = meant;
    const reason = `${method} ${path.slice(0, 100)} instead of ${call}`;
    this.tell({ guest, step }, nameOf(headers, peer), { ok: false, code: error.code, reason, astray: true });
  }
}

/** One request of a client of the calculator. */
export class CalculatorClient {
  readonly #tell: (step: 'submit' | 'outcome', told: Told) => void;

  constructor(tell: (step: 'submit' | 'outcome', told: Told) => void) {
    this.#tell = tell;
  }

  submitted(): void {
    this.#tell('submit', { ok: true });
  }

  /** It was shown its task; that says something only when the task is finished. */
  saw(row: RowView): void {
    if (!isFinal(row)) return;
    if (row.state === 'DONE') this.#tell('outcome', { ok: true });
    else this.#tell('outcome', { ok: false, task: row.id, reason: `the task failed: ${row.error ?? 'no reason'}` });
  }

  refused(step: 'submit' | 'outcome', thrown: unknown): void {
    this.#tell(step, refusal(thrown));
  }
}

function refusal(thrown: unknown): Told {
  const { code, message } = toOrreryError(thrown);
  return { ok: false, code, reason: message };
}

/** Programs of one machine are told apart by what they say they are: `10.0.0.7 python-requests/2.28.1`. */
function nameOf(headers: IncomingHttpHeaders, peer: string): string {
  const [product = ''] = (headers['user-agent'] ?? '').split(' ', 1);
  return product === '' ? peer : `${peer} ${product.slice(0, 60)}`;
}
