/** A plain Node HTTP worker, as it would stand behind a load balancer: parses and computes the same expression. */
import { createServer } from 'node:http';
import { evaluateProgram, formatValue, parseExpression } from '../../containers/algorithms/expression.ts';

const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer = compute(Buffer.concat(chunks).toString('utf8'));
    const content = JSON.stringify(answer.ok ? { result: formatValue(answer.value) } : { error: answer.reason });
    response.writeHead(answer.ok ? 200 : 400, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(content),
    });
    response.end(content);
  });
});

function compute(body: string) {
  const { payload } = JSON.parse(body) as { payload: string };
  const parsed = parseExpression(payload);
  return parsed.ok ? evaluateProgram(parsed.program) : parsed;
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`ready port=${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
