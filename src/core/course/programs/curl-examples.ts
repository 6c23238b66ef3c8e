/** The protocols by hand, with curl in a POSIX shell: what a program has to do, call by call. */
import type { Examples } from './program-kinds.ts';

const JSON_TYPE = "-H 'Content-Type: application/json'";

export const CURL: Examples = {
  'webhook-worker': ({ url }) => `# Your worker listens on 6000. Does it answer as it should?
curl -i http://localhost:6000/health
curl -i -X POST http://localhost:6000/register-slave-api/slave-00000000
curl -i http://localhost:6000/status/slave-00000000

# Let it in
curl -i ${url}/register-slave ${JSON_TYPE} -d '{"webhook_url":"http://localhost:6000"}'

# What it sends when a task is done: the id is in the task that it was sent
curl -i ${url}/complete-task/TASK_ID ${JSON_TYPE} -d '{"result":"20"}'
`,
  'pulling-worker': ({ url }) => `# Ask for a task: 200 with one, 202 when there is none
task=$(curl -sf ${url}/send_task ${JSON_TYPE} -d '{"nom_worker":"w1"}')
echo "$task"

# Report it: the task as it came, with the name of the worker
named=\${task%\\}},'"nom_worker":"w1"}'
curl -i ${url}/result ${JSON_TYPE} -d "{\\"task\\":$named,\\"result\\":\\"prepared\\"}"
`,
  'socket-client': ({ host, port }) => `(
  sleep 1; printf Cliente
  sleep 1; printf 'message 1'
  sleep 1; printf 'message 2'
  sleep 1; printf salir
) | curl -sN telnet://${host}:${port}
`,
  'socket-datanode': ({ host, port }) => `(
  sleep 1; printf Datanode
  while sleep 4; do printf Alive; done
) | curl -sN telnet://${host}:${port} >> datanode.txt
`,
  'calculator-client': ({ url }) => `curl -i '${url}/submit-task?wait=5s' ${JSON_TYPE} -d '{"payload":"4 * (2 + 3)"}'
curl ${url}/tasks
`,
  'line-client': ({ host, port }) => `(
  for n in 1 2 3; do echo "$n * 2"; sleep 1; done
  echo quit
) | curl -sN telnet://${host}:${port}
`,
};
