/** Hands a file to the person: the host asks where to, or puts it among the downloads. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun with the click; the address is not needed once it is read.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
