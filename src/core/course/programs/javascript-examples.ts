/** Complete programs in JavaScript for Node 18 or newer (files that end in .mjs), without packages. */
import type { Examples } from './program-kinds.ts';

export const JAVASCRIPT: Examples = {
  'webhook-worker': ({ url }) => `import { createServer } from 'node:http';

const MASTER = '${url}', PORT = 6000;
let id = null, state = 'idle';

const post = (url, body) =>
  fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

async function work(task) {
  const result = String(eval(task.payload)); // the master lets only digits and operators through
  await post(\`\${MASTER}/complete-task/\${task.id}\`, { result });
  state = 'idle';
}

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.url === '/health') return answer(200, { status: 'healthy', state, id });
  if (request.url === \`/status/\${id}\`) return answer(200, { id, status: state });
  if (request.url.startsWith('/register-slave-api/')) {
    id = request.url.split('/').at(-1);
    return answer(200, { message: 'ok' });
  }
  if (request.url !== '/receive-task') return answer(400, { error: 'wrong id' });
  if (state === 'busy') return answer(503, { error: 'busy' });
  state = 'busy';
  answer(200, { message: 'ok' });
  await work(JSON.parse(text));
});
server.listen(PORT, async () => {
  const joined = await post(\`\${MASTER}/register-slave\`, { webhook_url: \`http://localhost:\${PORT}\` });
  console.log(joined.status, await joined.text());
});
`,
  'pulling-worker': ({ url }) => `const MASTER = '${url}', NAME = 'w1';
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const post = (path, body) =>
  fetch(MASTER + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

for (;;) {
  const answer = await post('/send_task', { nom_worker: NAME });
  const task = await answer.json();
  if (answer.status !== 200) { // 202: nothing to do
    await sleep(3);
    continue;
  }
  await sleep(task.execution_time);
  const result = \`\${task.id} \${task.fruit} prepared in \${task.execution_time} seconds\`;
  await post('/result', { task: { ...task, nom_worker: NAME }, result });
  console.log(result);
}
`,
  'socket-client': ({ host, port }) => `import { once } from 'node:events';
import { connect } from 'node:net';

const connection = connect(${port}, '${host}').setEncoding('utf8');
console.log(...(await once(connection, 'data'))); // Hola, este es el servidor
connection.write('Cliente');
for (let n = 1; n <= 3; n++) {
  connection.write(\`message \${n}\`);
  console.log('stored at', ...(await once(connection, 'data')));
}
connection.end('salir');
`,
  'socket-datanode': ({ host, port }) => `import { appendFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';

const connection = connect(${port}, '${host}').setEncoding('utf8');
console.log(...(await once(connection, 'data'))); // Hola, este es el servidor
connection.write('Datanode');
setInterval(() => connection.write('Alive'), 4000);
connection.on('data', (message) => appendFileSync('datanode.txt', \`\${message}\\n\`));
connection.on('close', () => process.exit());
`,
  'calculator-client': ({ url }) => `const answer = await fetch('${url}/submit-task?wait=5s', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ payload: '4 * (2 + 3)' }),
});
console.log(answer.status, await answer.json());
`,
  'line-client': ({ host, port }) => `import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const connection = connect(${port}, '${host}');
const answers = createInterface({ input: connection })[Symbol.asyncIterator]();
for (let n = 0; n < 1000; n++) {
  connection.write(\`\${n} * 2\\n\`);
  console.log((await answers.next()).value); // result, worker, milliseconds
}
connection.end('quit\\n');
`,
};
