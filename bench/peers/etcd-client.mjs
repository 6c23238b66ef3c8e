// etcd by gRPC: node etcd-client.mjs <port> <put|get> <clients> <seconds> <keys>. Prints a report in one line of JSON.
import { Etcd3 } from 'etcd3';

const [port, verb, clients, seconds, keys] = process.argv.slice(2);
const value = '0123456789abcdef'.repeat(16);
const etcd = new Etcd3({ hosts: `http://127.0.0.1:${port}` });

const timesMs = [];
const startedMs = performance.now();
const endMs = startedMs + Number(seconds) * 1_000;

async function client() {
  while (performance.now() < endMs) {
    const key = `bench/${String(Math.floor(Math.random() * Number(keys))).padStart(7, '0')}`;
    const sentMs = performance.now();
    if (verb === 'put') await etcd.put(key).value(value).exec();
    // A read that found nothing would be a cheap one.
    else if ((await etcd.get(key).string()) !== value) throw new Error(`${key} is not as written`);
    timesMs.push(performance.now() - sentMs);
  }
}

// So that the connection is there, as wrk's are.
await etcd.get('bench').string();
await Promise.all(Array.from({ length: Number(clients) }, client));
const durationS = (performance.now() - startedMs) / 1_000;
timesMs.sort((a, b) => a - b);
const quantile = (share) => timesMs[Math.min(timesMs.length - 1, Math.floor(share * timesMs.length))];
process.stdout.write(
  `${JSON.stringify({ perSecond: timesMs.length / durationS, p50Ms: quantile(0.5), p99Ms: quantile(0.99) })}\n`,
);
etcd.close();
