/** A disk through the fault shim: whatever makes writes durable takes as much longer as the shim says. */
import type { FaultShim } from './fault-shim.ts';
import type { Clock, Disk, DiskFile } from './ports.ts';

export function slowDisk(disk: Disk, shim: FaultShim, clock: Clock): Disk {
  const slowly = async (work: () => Promise<void>): Promise<void> => {
    const delayMs = shim.syncDelayMs();
    if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve));
    return work();
  };
  const slowFile = (file: DiskFile): DiskFile => ({
    write: (bytes) => file.write(bytes),
    // The path of every acknowledged write: without a fault nothing is put between.
    sync: () => (shim.syncDelayMs() === 0 ? file.sync() : slowly(() => file.sync())),
    close: () => file.close(),
  });
  return {
    list: (folder) => disk.list(folder),
    makeFolder: (folder) => disk.makeFolder(folder),
    read: (path) => disk.read(path),
    remove: (path) => disk.remove(path),
    openForAppend: async (path) => slowFile(await disk.openForAppend(path)),
    writeWhole: (path, bytes) => slowly(() => disk.writeWhole(path, bytes)),
    truncate: (path, length) => slowly(() => disk.truncate(path, length)),
    syncFolder: (folder) => slowly(() => disk.syncFolder(folder)),
  };
}
