/**
 * Reads of accepted connections into one buffer that all of them share. Otherwise every read makes a buffer of
 * 64 KiB and sends it through a readable stream, which costs more than all else that a small request needs.
 * Node lets a socket read like this (`onread`) only when one makes it oneself, so the connection is moved.
 */
import { Socket } from 'node:net';

const shared = Buffer.allocUnsafeSlow(64 * 1024);

type Handle = { reading: boolean; readStop(): unknown };
/** Not in Node's documentation, but in the hands of too many packages to change. */
type Inner = { _handle?: Handle | null };
type Options = ConstructorParameters<typeof Socket>[0];

/**
 * The connection in a socket of its own, which from now on is the one to use; nothing may have been read of it.
 * `onRead` has the bytes as long as it runs, and returns false to stop reading until the socket is resumed.
 */
export function readShared(accepted: Socket, onRead: (bytes: Buffer) => boolean): Socket {
  const inner = accepted as unknown as Inner;
  const handle = inner._handle;
  if (handle === null || handle === undefined || typeof handle.readStop !== 'function') {
    accepted.on('data', onRead);
    return accepted;
  }
  handle.reading = false;
  handle.readStop();
  inner._handle = null;
  // Without its handle that is only the end of its books.
  accepted.destroy();
  const onread = { buffer: shared, callback: (count: number) => onRead(shared.subarray(0, count)) };
  return new Socket({ handle, allowHalfOpen: true, onread } as unknown as Options);
}
