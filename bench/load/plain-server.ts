/**
 * The server that all generators load: answers every request with the same few bytes, as fast as this
 * machine lets one process. With two arguments it stands still for the first `stallMs` of every `everyMs`,
 * so that the true latencies are known: what comes then is answered at the end of it.
 */
import { createServer, type Socket } from 'node:net';

const [stallMs = 0, everyMs = 1_000] = process.argv.slice(2).map(Number);
const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok');
const HEAD_END = '\r\n\r\n';
const held: { socket: Socket; answers: number }[] = [];
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
    if (standsStill()) held.push({ socket, answers });
    else answer(socket, answers);
  });
  socket.on('error', () => socket.destroy());
});

function answer(socket: Socket, answers: number): void {
  for (let n = 0; n < answers; n++) socket.write(ANSWER);
}

if (stallMs > 0)
  setInterval(() => {
    if (held.length > 0 && !standsStill()) for (const { socket, answers } of held.splice(0)) answer(socket, answers);
  }, 1);

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${address !== null && typeof address === 'object' ? address.port : 0}\n`);
});
