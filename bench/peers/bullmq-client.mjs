// The client of BullMQ: node bullmq-client.mjs <redis port>. Does what the bench asks for over IPC.
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { connection, fail, QUEUE } from './bullmq-queue.mjs';

const WAIT_MS = 10_000;

const queue = new Queue(QUEUE, { connection });
const events = new QueueEvents(QUEUE, { connection });
queue.on('error', fail);
events.on('error', fail);
const redis = new Redis(connection);
await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

const ACTIONS = {
  /** Enqueues `tasks` in batches of `batch` (1: one by one), `inFlight` of them at once; done when all are acknowledged. */
  async enqueue({ tasks, batch, inFlight, payload }) {
    const jobs = Array.from({ length: batch }, () => ({ name: 'calculator', data: { payload } }));
    let left = tasks / batch;
    const client = async () => {
      while (left-- > 0) {
        if (batch === 1) await queue.add('calculator', { payload });
        else await queue.addBulk(jobs);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, client));
    return {};
  },
  /** One task at a time until its result is known here; ms of each. */
  async roundTrips({ seconds, payload, expected }) {
    const timesMs = [];
    const endMs = performance.now() + seconds * 1_000;
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const job = await queue.add('calculator', { payload });
      const result = await job.waitUntilFinished(events, WAIT_MS);
      timesMs.push(performance.now() - startedMs);
      if (result !== expected) throw new Error(`${payload} gave ${result}`);
    }
    return { timesMs };
  },
  /** Counts and a sample of stored results. */
  async inspect() {
    const counts = await queue.getJobCounts('completed', 'failed', 'waiting', 'active', 'delayed');
    const sample = await queue.getCompleted(0, 99);
    return { counts, results: sample.map((job) => job.returnvalue) };
  },
  async clear() {
    await redis.flushdb();
    return {};
  },
};

process.on('message', ({ kind, ...options }) => {
  ACTIONS[kind](options).then((answer) => process.send({ kind: 'done', ...answer }), fail);
});
process.send({ kind: 'ready' });
