/**
 * One connection of protocol C of the course, decided without a socket: who the peer is, where its messages
 * begin and end, what it is told.
 *
 * There is no framing: a message is what arrives until a short pause, at most 2,048 bytes, never cut within
 * a character. One is stored and answered before the next is looked at.
 */
import { cutAt, unfinishedBytes } from './utf8.ts';

export const MESSAGE_BYTES_MAX = 2_048;
/** How long the greeting is held: who speaks first does not expect it. */
export const GREETING_HELD_MS = 150;
/** A pause that ends a message: longer than between two packets of one, shorter than a person or a program notices. */
const PAUSE_MS = 25;
/** How long the rest of a word, or of a character, may take. */
const REST_MS = 1_000;
/** After so many words that mean nothing the peer is let go. */
const STRANGE_MAX = 3;
/** Longer than any word of the protocol. */
const WORD_BYTES_MAX = 256;

const GREETING = 'Hola, este es el servidor';
const HELLO = 'Hola Cliente!';
const GOODBYE = 'Te has desconectado';
const ALIVE = 'Alive';

export type Session = {
  role: 'unknown' | 'client' | 'datanode' | 'exercise';
  greeted: boolean;
  /** Came and is not worked off. */
  rest: Uint8Array;
  /** A message is being stored. */
  storing: boolean;
  /** A character at the end was waited for. */
  waited: boolean;
  /** The peer will say no more. */
  ended: boolean;
  /** Closed from here: whatever still comes means nothing. */
  over: boolean;
  strange: number;
};

export type SessionEvent =
  | { kind: 'bytes'; bytes: Uint8Array }
  /** The greeting was held long enough. */
  | { kind: 'greeting-due' }
  /** Nothing came for as long as was asked for. */
  | { kind: 'pause' }
  /** The message is settled; the answer goes to the peer. */
  | { kind: 'settled'; answer: string }
  | { kind: 'end' };

export type SessionEffect =
  | { kind: 'write'; text: string }
  | { kind: 'store'; bytes: Uint8Array }
  | { kind: 'await-pause'; ms: number }
  | { kind: 'is'; role: 'client' | 'datanode' | 'exercise' }
  | { kind: 'alive'; times: number }
  | { kind: 'strange'; received: string }
  | { kind: 'close' };

export function createSession(): Session {
  return {
    role: 'unknown',
    greeted: false,
    rest: new Uint8Array(),
    storing: false,
    waited: false,
    ended: false,
    over: false,
    strange: 0,
  };
}

/** Changes the session and says what is to be done, in order. */
export function stepSession(session: Session, event: SessionEvent): SessionEffect[] {
  if (session.over) return [];
  const effects: SessionEffect[] = [];
  switch (event.kind) {
    case 'greeting-due':
      if (session.role !== 'unknown' || session.rest.length > 0) return effects;
      session.greeted = true;
      effects.push({ kind: 'write', text: GREETING });
      return effects;
    case 'bytes':
      session.rest = joined(session.rest, event.bytes);
      session.waited = false;
      listen(session, effects, false);
      return effects;
    case 'pause':
      listen(session, effects, true);
      return effects;
    case 'settled':
      session.storing = false;
      effects.push({ kind: 'write', text: event.answer });
      listen(session, effects, session.ended);
      return effects;
    case 'end':
      session.ended = true;
      listen(session, effects, true);
      if (!session.storing && !session.over) close(session, effects);
      return effects;
  }
}

/** `complete`: nothing more comes that belongs to what is here. */
function listen(session: Session, effects: SessionEffect[], complete: boolean): void {
  while (!session.over && session.rest.length > 0) {
    const before = session.rest.length;
    if (session.role === 'client') takeMessage(session, effects, complete);
    else if (session.role === 'datanode') takeAlive(session, effects);
    else takeWord(session, effects, complete);
    if (session.rest.length === before) return;
  }
  if (session.ended && !session.storing && !session.over) close(session, effects);
}

function takeMessage(session: Session, effects: SessionEffect[], complete: boolean): void {
  if (session.storing) return;
  const { rest } = session;
  if (rest.length < MESSAGE_BYTES_MAX && !complete) {
    effects.push({ kind: 'await-pause', ms: PAUSE_MS });
    return;
  }
  if (rest.length <= MESSAGE_BYTES_MAX && unfinishedBytes(rest) > 0 && !session.waited && !session.ended) {
    session.waited = true;
    effects.push({ kind: 'await-pause', ms: REST_MS });
    return;
  }
  const message = cutAt(rest, MESSAGE_BYTES_MAX);
  session.rest = rest.slice(message.length);
  session.waited = false;
  if (textOf(message).trim() === 'salir') {
    close(session, effects);
    return;
  }
  session.storing = true;
  effects.push({ kind: 'store', bytes: message });
}

/** A datanode says nothing but that it lives, again and again, also several at once or in pieces. */
function takeAlive(session: Session, effects: SessionEffect[]): void {
  const text = latin1(session.rest);
  const times = text.split(ALIVE).length - 1;
  const last = text.lastIndexOf(ALIVE);
  const tail = session.rest.slice(last < 0 ? 0 : last + ALIVE.length);
  session.rest = tail.slice(Math.max(0, tail.length - ALIVE.length + 1));
  if (times > 0) effects.push({ kind: 'alive', times });
}

type Word = 'Cliente' | 'Datanode' | 'Hola servidor' | 'quit' | 'salir';
const WORDS: readonly Word[] = ['Cliente', 'Datanode', 'Hola servidor', 'quit', 'salir'];
const HTTP = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \//;
const HTTP_TEXT = 'This port speaks the socket protocol of the course, not HTTP.\n';
const HTTP_ANSWER = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${HTTP_TEXT.length}\r\nConnection: close\r\n\r\n${HTTP_TEXT}`;

/** What the peer is, or for the first exercise what it says. */
function takeWord(session: Session, effects: SessionEffect[], complete: boolean): void {
  const text = latin1(session.rest);
  const start = text.length - text.trimStart().length;
  const said = text.slice(start).toLowerCase();
  const word = WORDS.find((known) => said.startsWith(known.toLowerCase()));
  if (word !== undefined) {
    const end = start + word.length;
    const lineEnd = /^\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
    session.rest = session.rest.slice(end + lineEnd);
    hear(session, effects, word);
    return;
  }
  if (HTTP.test(text)) {
    effects.push({ kind: 'strange', received: text.slice(0, 40) }, { kind: 'write', text: HTTP_ANSWER });
    close(session, effects);
    return;
  }
  const isBeginning = WORDS.some((known) => known.toLowerCase().startsWith(said.trimEnd()));
  if (!complete && session.rest.length <= WORD_BYTES_MAX) {
    effects.push({ kind: 'await-pause', ms: isBeginning ? REST_MS : PAUSE_MS });
    return;
  }
  session.rest = new Uint8Array();
  if (said !== '') wonder(session, effects, text.trim().slice(0, 40));
}

function hear(session: Session, effects: SessionEffect[], word: Word): void {
  switch (word) {
    case 'Cliente':
    case 'Datanode': {
      const role = word === 'Cliente' ? 'client' : 'datanode';
      session.role = role;
      effects.push({ kind: 'is', role });
      return;
    }
    case 'Hola servidor':
      if (session.role === 'unknown') effects.push({ kind: 'is', role: 'exercise' });
      session.role = 'exercise';
      effects.push({ kind: 'write', text: HELLO });
      return;
    case 'quit':
      effects.push({ kind: 'write', text: GOODBYE });
      close(session, effects);
      return;
    case 'salir':
      close(session, effects);
  }
}

function wonder(session: Session, effects: SessionEffect[], received: string): void {
  session.strange++;
  effects.push({ kind: 'strange', received });
  effects.push({ kind: 'write', text: 'No entiendo: di Cliente, Datanode u Hola servidor' });
  if (session.strange >= STRANGE_MAX) close(session, effects);
}

function close(session: Session, effects: SessionEffect[]): void {
  session.over = true;
  session.rest = new Uint8Array();
  effects.push({ kind: 'close' });
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const decoder = new TextDecoder();
const latin1Decoder = new TextDecoder('latin1');

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** One character a byte, so that places in the text are places in the bytes. */
function latin1(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes);
}
