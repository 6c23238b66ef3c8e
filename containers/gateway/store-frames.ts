/**
 * Messages of the store as frames and back. Values and whatever may exceed a frame's head travel as
 * the body. Peers know the cluster's secret and speak the same protocol version, so a message that
 * does not fit its type is refused as a whole rather than field by field.
 */
import { crc32c } from '../algorithms/crc32c.ts';
import type { Frame, FrameHead } from '../kit/ports.ts';
import { OrreryError } from '../protocol/errors.ts';
import { bytesWithoutValue, decodeWrite, pack, unpack } from '../protocol/record-codec.ts';
import type { WriteEntry } from '../protocol/record-codec.ts';
import type {
  BlockReport,
  ClientAnswer,
  ClientRequest,
  DatanodeMessage,
  HeadnodeMessage,
  PeerMessage,
  StoredOperation,
} from '../protocol/store-messages.ts';

export type StoreMessage = ClientRequest | ClientAnswer | PeerMessage | HeadnodeMessage | DatanodeMessage;
export type Wire = { head: FrameHead; body?: Uint8Array };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function toWire(message: StoreMessage, options: { withValues?: boolean } = {}): Wire {
  switch (message.t) {
    case 'put': {
      const { value, ...head } = message;
      return { head, body: value };
    }
    case 'value':
    case 'prepare': {
      const { entry, ...head } = message;
      return { head, body: entry.bytes };
    }
    case 'page': {
      const { entries, sizes, ...head } = message;
      const parts = entries.map((entry) => (options.withValues === true ? entry.bytes : bytesWithoutValue(entry)));
      return { head, body: pack([toJson(sizes), ...parts]) };
    }
    case 'learn-chunk': {
      const { entries, operations, ...head } = message;
      return { head, body: pack([toJson(operations), ...entries.map(({ bytes }) => bytes)]) };
    }
    case 'reconcile': {
      const { tailEpochs, ...head } = message;
      return { head, body: toJson(tailEpochs) };
    }
    case 'views':
    case 'blocks': {
      const { t, ...content } = message;
      return { head: { t }, body: toJson(content) };
    }
    default:
      return { head: message };
  }
}

/** A frame as the message that it carries. Throws bad-request when its body is not what its type needs. */
export function fromWire({ head, body }: Frame): StoreMessage {
  switch (head.t) {
    case 'put':
      return { ...head, value: body } as unknown as ClientRequest;
    case 'value':
    case 'prepare':
      return { ...head, entry: readEntry(body) } as unknown as StoreMessage;
    case 'page': {
      const [sizes, ...parts] = unpack(body);
      return { ...head, sizes: fromJson<number[]>(sizes), entries: parts.map(decodeWrite) } as unknown as ClientAnswer;
    }
    case 'learn-chunk': {
      const [operations, ...parts] = unpack(body);
      const entries = parts.map(readEntry);
      return { ...head, operations: fromJson<StoredOperation[]>(operations), entries } as unknown as PeerMessage;
    }
    case 'reconcile':
      return { ...head, tailEpochs: fromJson<number[]>(body) } as unknown as PeerMessage;
    case 'views': {
      const content = fromJson<Omit<Extract<HeadnodeMessage, { t: 'views' }>, 't'>>(body);
      return { t: 'views', ...content };
    }
    case 'blocks':
      return { t: 'blocks', ...fromJson<{ reports: BlockReport[] }>(body) };
    default:
      return head as unknown as StoreMessage;
  }
}

/** A write that came as bytes, which are copied. A value that was damaged on its way is neither stored nor served. */
export function readEntry(bytes: Uint8Array): WriteEntry {
  const entry = decodeWrite(bytes);
  if (crc32c(entry.value) === entry.checksum) return entry;
  throw new OrreryError('bad-request', { reason: `the value of ${JSON.stringify(entry.key)} fails its checksum` });
}

function toJson(content: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(content));
}

function fromJson<Content>(bytes: Uint8Array | undefined): Content {
  try {
    return JSON.parse(decoder.decode(bytes)) as Content;
  } catch {
    throw new OrreryError('bad-request', { reason: 'the body of the frame is not JSON' });
  }
}
