import { expect, test } from 'vitest';
import { firstUnsynced } from './syscall-trace.ts';

const WRITE = String.raw`7  10:00:00.1 write(22, "\0\1{\"e\":\"new\",\"spec\":{\"id\":\"task-1\"}}", 30) = 30`;
const SYNC = '8  10:00:00.2 fdatasync(22) = 0';
const ANSWER = String.raw`5  10:00:00.3 write(24, "HTTP/1.1 201 Created\r\n\r\n{\"taskId\":\"task-1\"}", 50) = 50`;
const SYNC_BEGUN = '8  10:00:00.2 fdatasync(22 <unfinished ...>';
const SYNC_ENDED = '8  10:00:00.4 <... fdatasync resumed>) = 0';

test.each<[string, string[], boolean]>([
  ['written, synced, answered', [WRITE, SYNC, ANSWER], true],
  ['the sync returned in time', [WRITE, SYNC_BEGUN, SYNC_ENDED, ANSWER], true],
  ['answered while the sync was under way', [WRITE, SYNC_BEGUN, ANSWER, SYNC_ENDED], false],
  ['the sync began before the entry was written', [SYNC_BEGUN, WRITE, SYNC_ENDED, ANSWER], false],
  ['another file was synced', [WRITE, SYNC.replace('22', '23'), ANSWER], false],
  ['the sync failed', [WRITE, SYNC.replace('= 0', '= -1 EIO'), ANSWER], false],
  ['nothing was synced', [WRITE, ANSWER], false],
  ['nothing was answered', [WRITE, SYNC], false],
])('%s', (_, lines, isSound) => {
  expect(firstUnsynced(lines, 'task-1') === null).toBe(isSound);
});
