/** Starts work whose end nobody awaits. Its failure is a bug of ours, so it is reported as one. */
export function perform(work: Promise<unknown>): void {
  work.catch(reportError);
}
