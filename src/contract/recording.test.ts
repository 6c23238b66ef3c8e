import { expect, test } from 'vitest';
import { eventsUntil, readRecording, writeRecording, type Recording } from './recording.ts';

const event = (seq: number, atMs: number) => ({ seq, hlc: '', atMs, body: { type: 'journal-back' as const } });
const recording: Recording = {
  name: 'first look',
  startedAtMs: 100,
  endedAtMs: 300,
  answers: { 'tasks.list': [] },
  items: [
    { atMs: 100, events: [event(1, 100), event(2, 100)] },
    { atMs: 200, usage: [{ node: 'master', atMs: 200, cpuShare: 0, memoryBytes: 1 }] },
    { atMs: 250, events: [event(3, 250)] },
  ],
};

test('what is written is read', () => {
  expect(readRecording(writeRecording(recording))).toEqual(recording);
});

test('events are found by their time', () => {
  expect(eventsUntil(recording, 99)).toEqual([]);
  expect(eventsUntil(recording, 200).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(eventsUntil(recording, 300).map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test.each([
  ['nothing', ''],
  ['something else', '{"a":1}'],
  ['no JSON', 'orrery'],
  ['a damaged line', `${writeRecording(recording)}\n{"atMs":`],
  ['an item without a time', `${writeRecording(recording)}\n{"events":[]}`],
  ['a newer one', writeRecording(recording).replace('"version":1', '"version":2')],
])('%s is refused', (_, text) => {
  expect(() => readRecording(text)).toThrow(expect.objectContaining({ code: 'bad-recording' }));
});
