/** Protocol C without sockets: any way in which bytes may come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSession, MESSAGE_BYTES_MAX, stepSession } from './session-core.ts';
import type { SessionEffect, SessionEvent } from './session-core.ts';
import { cutAt, isText, unfinishedBytes } from './utf8.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

class Peer {
  readonly session = createSession();
  readonly effects: SessionEffect[] = [];

  feed(event: SessionEvent): this {
    const effects = stepSession(this.session, event);
    this.effects.push(...effects);
    return this;
  }

  say(...pieces: (string | Uint8Array)[]): this {
    for (const piece of pieces) this.feed({ kind: 'bytes', bytes: typeof piece === 'string' ? bytesOf(piece) : piece });
    return this;
  }

  pause(): this {
    return this.feed({ kind: 'pause' });
  }

  settle(answer = '127.0.0.1:1'): this {
    return this.feed({ kind: 'settled', answer });
  }

  get told(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'write' ? [effect.text] : []));
  }

  get stored(): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'store' ? [textOf(effect.bytes)] : []));
  }

  get kinds(): string[] {
    return this.effects.map(({ kind }) => kind);
  }
}

describe('who it is', () => {
  test('is greeted when it waits, and not when it has spoken', () => {
    expect(new Peer().feed({ kind: 'greeting-due' }).told).toEqual(['Hola, este es el servidor']);
    expect(new Peer().say('Cliente').feed({ kind: 'greeting-due' }).told).toEqual([]);
    expect(new Peer().say('Cli').feed({ kind: 'greeting-due' }).told).toEqual([]);
  });

  test.each([['Cliente'], ['cliente'], ['Cliente\n'], ['Cliente\r\n'], [' Cliente']])('%j is a client', (word) => {
    const peer = new Peer().say(word);
    expect(peer.effects).toContainEqual({ kind: 'is', role: 'client' });
    expect(peer.session.rest).toHaveLength(0);
  });

  test('a word may come byte by byte', () => {
    const peer = new Peer().say(...'Datanode'.split(''));
    expect(peer.effects.at(-1)).toEqual({ kind: 'is', role: 'datanode' });
  });

  test('the first message may be glued to the word', () => {
    const peer = new Peer().say('Clientehola').pause();
    expect(peer.stored).toEqual(['hola']);
  });

  test('the first exercise, in turns and all at once', () => {
    const turns = new Peer().say('Hola servidor').feed({ kind: 'greeting-due' }).say('quit');
    const glued = new Peer().say('Hola servidorquit');
    for (const { told, kinds } of [turns, glued]) {
      expect(told).toEqual(['Hola Cliente!', 'Te has desconectado']);
      expect(kinds.at(-1)).toBe('close');
    }
  });

  test('is told what is expected when it says something else, three times', () => {
    const peer = new Peer();
    for (let n = 0; n < 3; n++) peer.say('Buenos dias').pause();
    expect(peer.told).toHaveLength(3);
    expect(peer.told[0]).toContain('Cliente');
    expect(peer.kinds.at(-1)).toBe('close');
    expect(peer.say('Cliente').effects.at(-1)?.kind).toBe('close');
  });

  test('a browser is told in its own language', () => {
    const peer = new Peer().say('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(peer.told[0]).toMatch(/^HTTP\/1\.1 400 /);
    expect(peer.kinds.at(-1)).toBe('close');
  });

  test('bytes that are no text, and floods of them, are let go', () => {
    const flood = new Uint8Array(100_000).fill(0xff);
    const peer = new Peer().say(flood).say(flood).say(flood);
    expect(peer.kinds.at(-1)).toBe('close');
    expect(peer.session.rest).toHaveLength(0);
  });
});

describe('messages', () => {
  const client = (): Peer => new Peer().say('Cliente');

  test('one is what comes until a pause; it is answered before the next is looked at', () => {
    const peer = client().say('uno ', 'y medio').pause().say('dos').pause();
    expect(peer.stored).toEqual(['uno y medio']);
    peer.settle('10.0.0.1:7400').pause();
    expect(peer.stored).toEqual(['uno y medio', 'dos']);
    expect(peer.told).toEqual(['10.0.0.1:7400']);
  });

  test('salir ends the session, also behind a message', () => {
    const peer = client().say('uno').pause().settle().say('salir\n').pause();
    expect(peer.stored).toEqual(['uno']);
    expect(peer.kinds.at(-1)).toBe('close');
  });

  test('who ends its side still gets its answer', () => {
    const peer = client().say('uno').feed({ kind: 'end' });
    expect(peer.stored).toEqual(['uno']);
    expect(peer.kinds.at(-1)).not.toBe('close');
    peer.settle();
    expect(peer.kinds.slice(-2)).toEqual(['write', 'close']);
  });

  test('a character split over packets is waited for, but not for ever', () => {
    const [first, second] = [bytesOf('café').subarray(0, 4), bytesOf('café').subarray(4)];
    const whole = client().say(first).pause();
    expect(whole.stored).toEqual([]);
    whole.say(second).pause();
    expect(whole.stored).toEqual(['café']);
    const broken = client().say(first).pause().pause();
    expect(broken.stored).toEqual(['caf\ufffd']);
  });

  test('whatever the packets: messages with pauses between them arrive as they were sent', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.string({ minLength: 1, maxLength: 400, unit: 'grapheme' }), fc.array(fc.nat(), { maxLength: 6 })),
          {
            maxLength: 6,
          },
        ),
        (messages) => {
          const peer = client();
          const sent = messages.filter(
            ([text]) => text.trim() !== 'salir' && bytesOf(text).length <= MESSAGE_BYTES_MAX,
          );
          for (const [text, cuts] of sent) {
            const bytes = bytesOf(text);
            const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
            for (const [at, place] of places.entries()) {
              if (at > 0) peer.say(bytes.subarray(places[at - 1], place));
            }
            peer.pause().settle();
          }
          expect(peer.stored).toEqual(sent.map(([text]) => text));
        },
      ),
    );
  });

  test('a flood is cut into messages of at most 2,048 bytes, each with whole characters, and nothing is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 3_000, unit: 'grapheme' }), { maxLength: 6 }),
        (texts) => {
          const peer = client().say(...texts.filter((text) => text !== ''));
          for (let n = 0; n < 50 && peer.session.rest.length > 0; n++) peer.pause().settle();
          expect(peer.stored.join('')).toBe(texts.join(''));
          for (const text of peer.stored) expect(bytesOf(text).length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
        },
      ),
    );
  });
});

test('a datanode lives, however its word is cut or glued', () => {
  const peer = new Peer().say('DatanodeAlive', 'Al', 'iveAli', 've', 'xxAlivexx'.repeat(3));
  const times = peer.effects.flatMap((effect) => (effect.kind === 'alive' ? [effect.times] : []));
  expect(times.reduce((sum, one) => sum + one, 0)).toBe(6);
  peer.say(new Uint8Array(1_000_000));
  expect(peer.session.rest.length).toBeLessThan(8);
});

test('characters and their pieces', () => {
  for (const text of ['a', 'é', '€', '😀']) {
    const bytes = bytesOf(text);
    expect(unfinishedBytes(bytes)).toBe(0);
    for (let cut = 1; cut < bytes.length; cut++) expect(unfinishedBytes(bytes.subarray(0, cut))).toBe(cut);
    expect(cutAt(bytesOf(`a${text}`), bytes.length)).toHaveLength(bytes.length === 1 ? 1 : 1);
  }
  expect(unfinishedBytes(new Uint8Array([0x80, 0x80, 0x80, 0x80]))).toBe(0);
  expect(cutAt(new Uint8Array(5).fill(0x80), 3)).toHaveLength(3);
  expect([isText(bytesOf('é')), isText(new Uint8Array([0xc3]))]).toEqual([true, false]);
});
