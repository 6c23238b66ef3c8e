/** Performs a schedule of faults on a world, and undoes all of it when told to heal. */
import type { SeededRandom } from '../algorithms/seeded-random.ts';
import type { Fault } from './faults.ts';
import type { LinkFault } from './network.ts';
import type { World } from './world.ts';

export type NemesisHooks = {
  /** Forwards the engine's word about a node to its monitor. */
  tell(node: string, type: 'exited' | 'started'): void;
  /** There is space again: a process that gave up writing has to be restarted. */
  freedDisk(node: string): void;
  /** A node comes back on an empty disk; the scenario may give it another name instead. */
  replaceDisk(node: string): void;
};

export class Nemesis<Observation> {
  readonly #world: World<Observation>;
  readonly #hooks: NemesisHooks;
  readonly #random: SeededRandom;
  readonly #active = new Set<Fault>();
  /** What waits for its moment. */
  readonly #armed: { moment: string; left: number; strike(node: string): void }[] = [];
  #isHealed = false;

  constructor(world: World<Observation>, faults: readonly Fault[], hooks: NemesisHooks) {
    this.#world = world;
    this.#hooks = hooks;
    this.#random = world.random.split('nemesis');
    for (const node of world.nodes.values()) node.onExit = (why) => this.#restart(node.name, why);
    for (const fault of faults) world.schedule(fault.atMs - world.nowMs, () => this.#begin(fault));
  }

  /** The scenario says that a moment has come at a node; an armed fault may strike there. */
  moment(name: string, node: string): void {
    for (const armed of this.#armed) {
      if (armed.moment !== name) continue;
      armed.left -= 1;
      if (armed.left !== 0 || this.#isHealed) continue;
      // After the effects of this very step: the node has done what made the moment.
      this.#world.schedule(0, () => armed.strike(node));
    }
  }

  /** Ends every fault and starts what is down: the liveness phase begins. */
  heal(): void {
    this.#isHealed = true;
    for (const fault of this.#active) this.#end(fault);
    this.#world.network.healAll();
    for (const node of this.#world.nodes.values()) {
      node.disk.isFull = false;
      node.disk.stall(0);
      node.resume();
      if (node.life === 'down') this.#start(node.name);
    }
    this.#world.record('nemesis', 'healed');
  }

  #begin(fault: Fault): void {
    if (this.#isHealed) return;
    this.#world.record('nemesis', fault.kind, () => JSON.stringify(fault));
    if (fault.after !== undefined) {
      const { after, ...atOnce } = fault;
      this.#armed.push({ moment: after.moment, left: after.occurrence, strike: () => this.#begin(atOnce) });
      return;
    }
    this.#active.add(fault);
    this.#world.schedule(fault.forMs, () => {
      if (this.#active.has(fault)) this.#end(fault);
    });
    switch (fault.kind) {
      case 'kill':
        this.#kill(fault.node, fault);
        break;
      case 'kill-after':
        this.#armed.push({
          moment: fault.moment,
          left: fault.occurrence,
          strike: (node) => this.#kill(node, { isSilent: false, isTold: true, forMs: fault.forMs }),
        });
        break;
      case 'pause':
        this.#world.node(fault.node).pause();
        break;
      case 'break':
        this.#world.network.breakConnections(fault.one, fault.other);
        break;
      case 'disk-stall':
        this.#world.node(fault.node).disk.stall(fault.forMs);
        break;
      case 'disk-full':
        this.#world.node(fault.node).disk.isFull = true;
        break;
      case 'suspicion':
        this.#hooks.tell(fault.node, 'exited');
        break;
      case 'lost-disk':
        this.#world.node(fault.node).kill({ isSilent: true, why: 'lost with its disk' });
        this.#hooks.replaceDisk(fault.node);
        break;
      default:
        this.#applyLinks();
    }
  }

  #end(fault: Fault): void {
    this.#active.delete(fault);
    if (fault.kind === 'pause') this.#world.node(fault.node).resume();
    else if (fault.kind === 'disk-full') {
      this.#world.node(fault.node).disk.isFull = false;
      this.#hooks.freedDisk(fault.node);
    } else if (!this.#isHealed) this.#applyLinks();
  }

  #kill(name: string, how: { isSilent: boolean; isTold: boolean; forMs: number }): void {
    const node = this.#world.node(name);
    if (node.life === 'down') return;
    node.onExit = () => undefined;
    node.kill({ isSilent: how.isSilent, why: 'killed' });
    node.onExit = (why) => this.#restart(name, why);
    if (how.isTold) this.#world.schedule(this.#random.between(1, 60), () => this.#tellIfDown(name));
    this.#world.schedule(Math.max(how.forMs, 50), () => this.#start(name));
  }

  #tellIfDown(name: string): void {
    if (this.#world.node(name).life === 'down') this.#hooks.tell(name, 'exited');
  }

  /** A process that ended by itself (disk full, fatal error): the supervisor starts it again. */
  #restart(name: string, why: string): void {
    this.#world.record('supervisor', `restarts ${name} after ${why}`);
    this.#world.schedule(300, () => this.#start(name));
  }

  #start(name: string): void {
    const node = this.#world.node(name);
    if (node.life !== 'down') return;
    node.start();
    this.#hooks.tell(name, 'started');
  }

  /** Works out every direction anew from the faults in force, so that overlapping ones end well. */
  #applyLinks(): void {
    const names = [...this.#world.nodes.keys()];
    for (const from of names) {
      for (const to of names) {
        if (from === to) continue;
        const wanted = this.#linkFault(from, to);
        const present = this.#world.network.fault(from, to);
        const isSame =
          wanted.isCut === present.isCut &&
          wanted.loss === present.loss &&
          wanted.duplication === present.duplication &&
          wanted.extraDelayMs === present.extraDelayMs;
        if (!isSame) this.#world.network.setFault(from, to, wanted);
      }
    }
  }

  #linkFault(from: string, to: string): LinkFault {
    const link: LinkFault = { isCut: false, loss: 0, duplication: 0, extraDelayMs: 0 };
    for (const fault of this.#active) {
      if (fault.kind === 'partition') {
        if (fault.side.includes(from) !== fault.side.includes(to)) link.isCut = true;
      } else if ('from' in fault && fault.from === from && fault.to === to) {
        if (fault.kind === 'one-way') link.isCut = true;
        else if (fault.kind === 'loss') link.loss = fault.share;
        else if (fault.kind === 'duplication') link.duplication = fault.share;
        else link.extraDelayMs += fault.extraDelayMs;
      }
    }
    return link;
  }
}
