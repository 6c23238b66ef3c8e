/**
 * The server that all generators load: answers every request with the same few bytes, as fast as this
 * machine lets one process. With arguments it stands still for the first `stallMs` of every `everyMs`:
 * what comes then is answered at the end of it. It takes the time of every request but the first `skip`
 * itself, from its arrival until its answer is written, and prints them at its end: that is the truth, since
 * a burst of answers takes time too.
 */
import { createServer, type Socket } from 'node:net';

const [stallMs = 0, everyMs = 1_000, skip = 0] = process.argv.slice(2).map(Number);
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok');
const HEAD_END = '\r\n\r\n';
type Held = { socket: Socket; answers: number; arrivedMs: number };
const held: Held[] = [];
const tookMs: number[] = [];
const standsStill = (): boolean => stallMs > 0 && performance.now() % everyMs < stallMs;

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    let answers = 0;
    for (let end = rest.indexOf(HEAD_END); end !== -1; end = rest.indexOf(HEAD_END)) {
      rest = rest.slice(end + HEAD_END.length);
      answers += 1;
    }
    if (answers === 0) return;
    const arrived = { socket, answers, arrivedMs: performance.now() };
    if (standsStill()) held.push(arrived);
    else answer(arrived);
  });
  socket.on('error', () => socket.destroy());
});

function answer({ socket, answers, arrivedMs }: Held): void {
  for (let n = 0; n < answers; n++) socket.write(ANSWER);
  if (stallMs > 0) for (let n = 0; n < answers; n++) tookMs.push(performance.now() - arrivedMs);
}

if (stallMs > 0) {
  setInterval(() => {
    if (held.length > 0 && !standsStill()) for (const one of held.splice(0)) answer(one);
  }, 1);
  process.once('SIGTERM', () => {
    process.stdout.write(`${JSON.stringify(tookMs.slice(skip))}\n`, () => process.exit(0));
  });
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${address !== null && typeof address === 'object' ? address.port : 0}\n`);
});
