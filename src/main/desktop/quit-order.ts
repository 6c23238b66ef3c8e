/**
 * Quitting takes time: the cluster is removed first.
 *
 *   running ─ quit asked → closing ─ closed → (the process ends)
 *                             └ quit asked again: nothing, it is under way
 */

export type QuitPorts = {
  /** Removes what must not outlive the panel, in order; may reject. */
  close: () => Promise<void>;
  onFailure: (thrown: unknown) => void;
  exit: (code: number) => void;
};

/** A listener for `before-quit`: holds every quit back until all is closed, then exits. */
export function createQuitOrder(ports: QuitPorts): (event: { preventDefault(): void }) => void {
  let closing = false;
  return (event) => {
    event.preventDefault();
    if (closing) return;
    closing = true;
    ports.close().then(
      () => ports.exit(0),
      (thrown: unknown) => {
        ports.onFailure(thrown);
        ports.exit(1);
      },
    );
  };
}
