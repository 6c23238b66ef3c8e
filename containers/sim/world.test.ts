import { describe, expect, test } from 'vitest';
import { createRandom } from '../algorithms/seeded-random.ts';
import { sendRequest } from './client-request.ts';
import type { ClientAnswer } from './client-request.ts';
import { planFaults } from './faults.ts';
import type { FaultOptions } from './faults.ts';
import type { Host } from './host.ts';
import { Nemesis } from './nemesis.ts';
import type { Program } from './sim-node.ts';
import { World } from './world.ts';

const newWorld = (seed: number, trace: ((line: string) => void) | null = null) =>
  new World<never>({
    seed,
    network: { delayMsMin: 0.1, delayMsMean: 0.5, slowShare: 0.01, slowMsMax: 50 },
    disk: { syncMsMin: 0.5, syncMsMean: 1 },
    skewMsMax: 100,
    driftPpmMax: 100,
    trace,
  });

/** Stores each number that it is sent and answers when it is durable. */
function counter(host: Host<number>): Program {
  return {
    accept(end) {
      end.onMessage = (message) => host.append([Number(message)], () => end.send(message));
      return { t: 'welcome', kept: host.entries().length };
    },
    request(payload, answer) {
      host.append([Number(payload)], () => answer(host.entries().length));
    },
  };
}

/** Sends 1, 2, 3 … to `counter`, one every 10 ms. */
function sender(heard: { opened: number; closed: number; echoes: number[] }) {
  return (host: Host<never>): Program => {
    let next = 1;
    const dialler = host.keepDialled('counter', {
      hello: () => ({ from: host.node }),
      onOpen: (end) => {
        heard.opened += 1;
        end.onMessage = (message) => heard.echoes.push(Number(message));
        end.onClose = () => (heard.closed += 1);
      },
    });
    host.every(10, () => {
      dialler.end()?.send(next);
      next += 1;
    });
    return {};
  };
}

function twoNodes(seed: number, trace: ((line: string) => void) | null = null) {
  const world = newWorld(seed, trace);
  const heard = { opened: 0, closed: 0, echoes: [] as number[] };
  const durable: (() => readonly number[])[] = [];
  const counterNode = world.addNode<number>('counter', 'master', (host) => {
    durable.push(() => host.entries());
    return counter(host);
  });
  const senderNode = world.addNode('sender', 'worker', sender(heard));
  counterNode.start();
  senderNode.start();
  return { world, heard, counterNode, senderNode, stored: () => durable.at(-1)?.() ?? [] };
}

const isGrowing = (numbers: readonly number[]) =>
  numbers.every((value, at) => at === 0 || value > (numbers[at - 1] ?? 0));

describe('the simulated world', () => {
  test('messages of a connection arrive in order, and what is acknowledged is on the disk', () => {
    const { world, heard, stored } = twoNodes(1);
    world.runUntil(2_000);
    expect(heard.echoes.length).toBeGreaterThan(180);
    expect(isGrowing(heard.echoes)).toBe(true);
    expect(stored()).toEqual(expect.arrayContaining(heard.echoes));
  });

  test('a crash keeps everything acknowledged and at most a prefix of the rest', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const { world, heard, counterNode, stored } = twoNodes(seed);
      world.runUntil(500 + seed / 7);
      const sent = [...stored(), ...Array.from({ length: 100 }, (_, at) => (stored().at(-1) ?? 0) + 1 + at)];
      counterNode.kill({ isSilent: false, why: 'test' });
      const kept = stored();
      expect(sent.slice(0, kept.length)).toEqual(kept);
      expect(kept.length).toBeGreaterThanOrEqual(heard.echoes.length);
    }
  });

  test('a killed peer is noticed and dialled again when it is back', () => {
    const { world, heard, counterNode } = twoNodes(3);
    world.runUntil(300);
    counterNode.kill({ isSilent: false, why: 'test' });
    world.runUntil(600);
    expect(heard).toMatchObject({ opened: 1, closed: 1 });
    const echoesBefore = heard.echoes.length;
    counterNode.start();
    world.runUntil(4_000);
    expect(heard.opened).toBe(2);
    expect(heard.echoes.length).toBeGreaterThan(echoesBefore);
  });

  test('a silent death is noticed only after seconds', () => {
    const { world, heard, counterNode } = twoNodes(4);
    world.runUntil(300);
    counterNode.kill({ isSilent: true, why: 'test' });
    world.runUntil(1_200);
    expect(heard.closed).toBe(0);
    world.runUntil(12_000);
    expect(heard.closed).toBe(1);
  });

  test('a one-way cut holds messages back and delivers them in order when it heals', () => {
    const { world, heard } = twoNodes(5);
    world.runUntil(300);
    world.network.setFault('sender', 'counter', { isCut: true });
    world.runUntil(400);
    const before = heard.echoes.length;
    world.runUntil(1_000);
    expect(heard.echoes.length - before).toBeLessThan(3);
    world.network.setFault('sender', 'counter', { isCut: false });
    world.runUntil(1_200);
    expect(heard.closed).toBe(0);
    expect(heard.echoes.length).toBeGreaterThan(before + 50);
    expect(isGrowing(heard.echoes)).toBe(true);
  });

  test('a paused node lets time pass without a timer running, then does what came due', () => {
    const { world, heard, counterNode, stored } = twoNodes(6);
    world.runUntil(300);
    counterNode.pause();
    const storedBefore = stored().length;
    world.runUntil(1_300);
    expect(stored().length - storedBefore).toBeLessThan(3);
    counterNode.resume();
    world.runUntil(1_400);
    expect(heard.closed).toBe(0);
    expect(stored().length).toBeGreaterThan(storedBefore + 90);
  });

  test('loss and duplication work on single messages and keep the order', () => {
    const { world, heard } = twoNodes(7);
    world.network.setFault('sender', 'counter', { loss: 0.3, duplication: 0.3 });
    world.runUntil(3_000);
    const different = new Set(heard.echoes).size;
    expect(different).toBeLessThan(260);
    expect(heard.echoes.length).toBeGreaterThan(different);
    expect(heard.echoes.toSorted((a, b) => a - b)).toEqual(heard.echoes);
  });

  test('a stalled disk delays acknowledgements, a full one ends the process', () => {
    const { world, heard, counterNode } = twoNodes(8);
    world.runUntil(300);
    const before = heard.echoes.length;
    counterNode.disk.stall(500);
    world.runUntil(790);
    expect(heard.echoes.length - before).toBeLessThan(4);
    world.runUntil(900);
    expect(heard.echoes.length).toBeGreaterThan(before + 40);
    let exit = '';
    counterNode.onExit = (why) => (exit = why);
    counterNode.disk.isFull = true;
    world.runUntil(1_000);
    expect(exit).toBe('disk-full');
    expect(counterNode.life).toBe('down');
  });

  test('a request is answered, unreachable, or unknown', () => {
    const { world, counterNode } = twoNodes(9);
    const answers: ClientAnswer[] = [];
    const ask = () =>
      sendRequest(world, { to: 'counter', payload: 0, timeoutMs: 100 }, (answer) => answers.push(answer));
    ask();
    world.runUntil(200);
    counterNode.disk.stall(1_000);
    ask();
    world.runUntil(400);
    counterNode.kill({ isSilent: false, why: 'test' });
    ask();
    world.runUntil(600);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['answered', 'unknown', 'unreachable']);
  });

  test('what is sent is copied, and what a wire cannot carry is refused', () => {
    const world = newWorld(10);
    const message = { list: [1] };
    const got: unknown[] = [];
    world
      .addNode('a', 'master', () => ({
        accept: (end) => {
          end.onMessage = (copy) => got.push(copy);
          return {};
        },
      }))
      .start();
    world
      .addNode('b', 'worker', (host) => {
        const dialler = host.keepDialled('a', {
          hello: () => null,
          onOpen: (end) => {
            end.send(message);
            message.list.push(2);
            expect(() => end.send({ map: new Map() })).toThrow('Map cannot be sent');
          },
        });
        return { request: () => dialler.close() };
      })
      .start();
    world.runUntil(100);
    expect(got).toEqual([{ list: [1] }]);
  });
});

describe('a nemesis', () => {
  const options: FaultOptions = {
    fromMs: 100,
    untilMs: 4_000,
    meanGapMs: 150,
    nodes: ['counter', 'sender'],
    nodesWithDisk: ['counter'],
    mayLoseDisk: [],
    bystanders: [],
    watched: ['sender'],
    downMax: 2,
    moments: [],
    weights: {
      kill: 2,
      pause: 1,
      partition: 1,
      'one-way': 1,
      loss: 1,
      delay: 1,
      break: 1,
      'disk-stall': 1,
      'disk-full': 1,
    },
  };
  const play = (seed: number) => {
    const lines: string[] = [];
    const setting = twoNodes(seed, (line) => lines.push(line));
    const faults = planFaults(createRandom(seed), options);
    const nemesis = new Nemesis(setting.world, faults, {
      tell: () => undefined,
      freedDisk: () => undefined,
      replaceDisk: () => undefined,
    });
    setting.world.runUntil(4_000);
    nemesis.heal();
    setting.world.runUntil(9_000);
    return { ...setting, lines, faults };
  };

  test('equal seeds give equal histories to the last event', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const [one, other] = [play(seed), play(seed)];
      expect(one.world.hash.hex).toBe(other.world.hash.hex);
      expect(one.lines).toEqual(other.lines);
    }
    expect(new Set(Array.from({ length: 20 }, (_, seed) => play(seed).world.hash.hex)).size).toBe(20);
  });

  test('after healing everything runs again, whatever happened', () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 100; seed += 1) {
      const { world, heard, faults, counterNode, senderNode } = play(seed);
      for (const { kind } of faults) kinds.add(kind);
      expect([counterNode.life, senderNode.life]).toEqual(['up', 'up']);
      const before = heard.echoes.length;
      world.runUntil(10_000);
      expect({ seed, gained: heard.echoes.length - before > 80 }).toEqual({ seed, gained: true });
    }
    expect([...kinds].toSorted()).toEqual(Object.keys(options.weights).toSorted());
  });
});
