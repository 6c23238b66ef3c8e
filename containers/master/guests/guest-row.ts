/** Guests as the master keeps them: what must outlive it, and what is only true while it runs. */

/** In the log: a webhook worker registers once and expects to be known for good. */
export type WebhookRow = {
  /** The id that it was given. */
  node: string;
  /** As registered; where that is from here says webhook-url.ts. */
  url: string;
  registeredAtMs: number;
};

/** What is known of a webhook worker besides its membership. */
export type Webhook = WebhookRow & {
  /** A health check is under way. */
  checking: boolean;
  nextCheckMs: number;
  /** When it last answered as it should, ms. */
  heardAtMs: number;
  /** Its last beat; null before the first. */
  beatAtMs: number | null;
  /** Said its own id at least once: from then on another answer means another process. */
  knowsId: boolean;
  busy: boolean;
  /** Checks in a row in which it said that it had nothing to do while we think it has. */
  idleChecks: number;
  /** Gets nothing new before this: it refused. */
  restUntilMs: number;
  /** When it got its last task: the one that waited longest is next. */
  servedAtMs: number;
  /** In a row. */
  refusals: number;
  /** Not null: it was lost, and is forgotten at this time unless it comes back. */
  forgetAtMs: number | null;
};

export function createWebhook(row: WebhookRow, nowMs: number): Webhook {
  return {
    ...row,
    checking: false,
    nextCheckMs: nowMs,
    heardAtMs: nowMs,
    beatAtMs: null,
    knowsId: false,
    busy: false,
    idleChecks: 0,
    restUntilMs: 0,
    servedAtMs: 0,
    refusals: 0,
    forgetAtMs: null,
  };
}
