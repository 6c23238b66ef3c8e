/** A client's HTTP request to a node: one connection each, answered, refused, broken off, or timed out. */
import { plainCopy } from './plain-copy.ts';
import type { World } from './world.ts';

/** `unknown`: sent, and nothing heard; `unreachable`: certainly not received. */
export type ClientAnswer =
  { outcome: 'answered'; answer: unknown } | { outcome: 'unknown' } | { outcome: 'unreachable' };

/** A client's calls to one node, and what it has put off: it is idle when nothing of that is under way. */
export class ClientCalls<Observation, Request> {
  readonly #world: World<Observation>;
  readonly #to: string;
  readonly #timeoutMs: number;
  #underWay = 0;

  constructor(world: World<Observation>, to: string, timeoutMs: number) {
    this.#world = world;
    this.#to = to;
    this.#timeoutMs = timeoutMs;
  }

  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  ask(payload: Request, heard: (answer: ClientAnswer) => void): void {
    this.#underWay += 1;
    sendRequest(this.#world, { to: this.#to, payload, timeoutMs: this.#timeoutMs }, (answer) => {
      this.#underWay -= 1;
      heard(answer);
    });
  }

  later(delayMs: number, act: () => void): void {
    this.#underWay += 1;
    this.#world.schedule(delayMs, () => {
      this.#underWay -= 1;
      act();
    });
  }
}

/** Sends `payload` to a node; `done` is called exactly once, at the latest after `timeoutMs`. */
export function sendRequest<Observation>(
  world: World<Observation>,
  request: { to: string; payload: unknown; timeoutMs: number },
  done: (answer: ClientAnswer) => void,
): void {
  let isDone = false;
  let hangUp = (): void => undefined;
  const finish = (answer: ClientAnswer) => {
    if (isDone) return;
    isDone = true;
    cancelTimeout();
    done(answer);
  };
  const cancelTimeout = world.schedule(request.timeoutMs, () => {
    hangUp();
    finish({ outcome: 'unknown' });
  });
  world.schedule(world.network.delayMs('client', request.to), () => {
    const node = world.node(request.to);
    const process = node.processNumber;
    if (process === null) {
      finish({ outcome: 'unreachable' });
      return;
    }
    let gone: (() => void) | void;
    hangUp = () =>
      void world.schedule(world.network.delayMs('client', request.to), () =>
        node.enter(process, 'client gone', () => gone?.()),
      );
    node.enter(process, 'request', () => {
      gone = node.program?.request?.(plainCopy(request.payload), (answer) => {
        const copy = plainCopy(answer);
        world.schedule(world.network.delayMs(request.to, 'client'), () =>
          finish({ outcome: 'answered', answer: copy }),
        );
      });
    });
  });
}
