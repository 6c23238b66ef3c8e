/**
 * The one table of errors. `definite` says whether the operation certainly did NOT happen; only
 * then (or when it is idempotent) may it be retried without thought. `what` is for a person,
 * `todo` says what to do next. Values in braces are filled in from the error's details.
 */
export const ERRORS = {
  // Requests
  'bad-request': {
    status: 400,
    definite: true,
    what: 'The request is not valid: {reason}.',
    todo: 'Correct it and send it again.',
  },
  'bad-json': { status: 400, definite: true, what: 'The body is not valid JSON: {reason}.', todo: 'Send a JSON body.' },
  'bad-expression': {
    status: 400,
    definite: true,
    what: 'This is not an expression: {reason}.',
    todo: 'Use digits, + - * / ( ) . and spaces only.',
  },
  'bad-key': {
    status: 400,
    definite: true,
    what: 'The record key is not valid: {reason}.',
    todo: 'Use 1 to 512 bytes of UTF-8.',
  },
  'not-found': { status: 404, definite: true, what: '{what} does not exist.', todo: 'Check its name.' },
  'method-not-allowed': {
    status: 405,
    definite: true,
    what: '{method} is not allowed here.',
    todo: 'Use one of: {allow}.',
  },
  conflict: { status: 409, definite: true, what: '{reason}.', todo: 'Use another id, or the same body.' },
  'stale-token': {
    status: 409,
    definite: true,
    what: 'The lease of task {task} has passed to another worker.',
    todo: 'Drop the result.',
  },
  'precondition-failed': {
    status: 412,
    definite: true,
    what: 'The record is at version {version}.',
    todo: 'Read it again and retry with its ETag.',
  },
  'too-large': {
    status: 413,
    definite: true,
    what: 'The body has more than {limit} bytes.',
    todo: 'Send a smaller body.',
  },
  unprocessable: {
    status: 422,
    definite: true,
    what: 'The body does not have the expected shape: {reason}.',
    todo: 'See /docs for the shape.',
  },
  'too-many': { status: 429, definite: true, what: '{what} is full ({limit}).', todo: 'Try again in {retryAfterS} s.' },
  internal: {
    status: 500,
    definite: false,
    what: 'Something broke inside: {reason}.',
    todo: 'Look at the logs of {node}.',
  },
  // Guests
  'already-registered': {
    status: 400,
    definite: true,
    what: 'The worker at {url} is registered already, as {slave_id}.',
    todo: 'Use that id, or stop the worker and wait until it is forgotten.',
  },
  'guest-unhealthy': {
    status: 503,
    definite: true,
    what: 'GET {url}/health did not answer 200: {reason}.',
    todo: 'Start the worker first, let it listen on 0.0.0.0, and answer GET /health with 200.',
  },
  'guest-refused': {
    status: 500,
    definite: true,
    what: 'POST {url}/register-slave-api/{slave_id} did not answer 200: {reason}.',
    todo: 'Let the worker take its id at POST /register-slave-api/<id> and answer 200.',
  },
  // Cluster roles
  unauthorized: {
    status: 401,
    definite: true,
    what: 'The secret of the cluster is missing or wrong.',
    todo: 'Only the panel and the nodes of this cluster may call this.',
  },
  starting: { status: 503, definite: true, what: '{node} is still starting.', todo: 'Try again in a moment.' },
  overloaded: {
    status: 503,
    definite: true,
    what: 'The workers are overloaded: {reason}.',
    todo: 'Try again in {retryAfterS} s.',
  },
  'worker-lost': {
    status: 502,
    definite: false,
    what: '{worker} was lost while it had the task, and it is not tried again: {reason}.',
    todo: 'Send it again with an id of your own, or if doing it twice does no harm.',
  },
  'no-worker': { status: 503, definite: true, what: 'No worker is ready.', todo: 'Spawn a worker, or queue the task.' },
  'no-primary': {
    status: 503,
    definite: true,
    what: 'No primary serves this record now.',
    todo: 'Wait for the next view, or add a datanode.',
  },
  'views-lost': {
    status: 503,
    definite: true,
    what: 'The headnode lost its disk and waits for the block reports of {nodes}.',
    todo: 'Start those datanodes; if they are gone for good, POST /control/unsafe-recovery.',
  },
  'record-corrupt': {
    status: 500,
    definite: true,
    what: 'The only copy of {key} fails its checksum on {node}.',
    todo: 'Write the record again, or restore a datanode that has a sound copy.',
  },
  'too-few-replicas': {
    status: 503,
    definite: true,
    what: 'Only {have} of the {need} datanodes that a write needs are in the view.',
    todo: 'Spawn or respawn a datanode.',
  },
  'outcome-unknown': {
    status: 503,
    definite: false,
    what: 'The answer did not come in time; the write may have happened.',
    todo: 'Read the record to find out.',
  },
  'deadline-exceeded': {
    status: 504,
    definite: false,
    what: 'No result within {ms} ms.',
    todo: 'Ask for the task by its id.',
  },
  unreachable: {
    status: 503,
    definite: true,
    what: '{peer} cannot be reached; nothing was sent.',
    todo: 'Try again in a moment.',
  },
  'clock-ahead': {
    status: 400,
    definite: true,
    what: 'The clock of {node} is {aheadMs} ms ahead.',
    todo: 'Set its clock.',
  },
  'protocol-mismatch': {
    status: 426,
    definite: true,
    what: 'Peer speaks protocol {theirs}, this node speaks {ours}.',
    todo: 'Use the same build of Orrery on every node.',
  },
  'wrong-cluster': {
    status: 403,
    definite: true,
    what: 'Peer belongs to cluster {theirs}, not {ours}.',
    todo: 'Check its configuration.',
  },
  'bad-config': {
    status: 500,
    definite: true,
    what: 'The configuration is not valid: {reason}.',
    todo: 'Correct the environment variable.',
  },
  'disk-full': {
    status: 507,
    definite: true,
    what: 'The disk of {node} is full.',
    todo: 'Free some space; nothing acknowledged was lost.',
  },
  'log-corrupt': {
    status: 500,
    definite: true,
    what: 'The log of {node} is damaged at {where}.',
    todo: 'Restore the volume, or remove the node and let it be repaired.',
  },
  // The panel
  'no-cluster': { status: 409, definite: true, what: 'No cluster is running.', todo: 'Start one.' },
  'cluster-running': { status: 409, definite: true, what: 'A cluster is running already.', todo: 'Stop it first.' },
  'unknown-node': { status: 404, definite: true, what: 'There is no node {node}.', todo: 'orrery ps lists the nodes.' },
  'guest-node': {
    status: 409,
    definite: true,
    what: '{node} is a program of your own: Orrery did not start it and cannot end it.',
    todo: 'End it where it was started.',
  },
  'node-busy': { status: 409, definite: true, what: '{reason}.', todo: 'Look at its state, then ask again.' },
  'bad-fault': {
    status: 400,
    definite: true,
    what: 'This fault cannot be: {reason}.',
    todo: 'Correct it; docs/faults.md says what can be asked.',
  },
  'unknown-fault': {
    status: 404,
    definite: true,
    what: 'There is no fault {fault}.',
    todo: 'orrery faults lists those that are on.',
  },
  'fault-not-held': {
    status: 500,
    definite: true,
    what: 'Nobody could be found who would end the fault: {reason}.',
    todo: 'Nothing was broken; run orrery doctor.',
  },
  'fault-not-seen': {
    status: 500,
    definite: false,
    what: 'The fault was asked, but its effect was not measured: {reason}.',
    todo: 'Nothing is left of it; look at the nodes it was about and ask again.',
  },
  'unknown-city': {
    status: 404,
    definite: true,
    what: 'No city is known as {name}.',
    todo: 'Check its spelling, or give coordinates.',
  },
  'weather-unavailable': {
    status: 503,
    definite: true,
    what: 'The weather cannot be had from its source: {reason}.',
    todo: 'Try again {when}, or use the demonstration.',
  },
  'weather-quota': {
    status: 429,
    definite: true,
    what: 'The weather source allows no more requests this {span}: {reason}',
    todo: 'Try again {when}, or use the demonstration.',
  },
  'load-refused': {
    status: 403,
    definite: true,
    what: 'A load test may not ask the public weather service.',
    todo: 'Test with source=demo.',
  },
  'unknown-role': {
    status: 400,
    definite: true,
    what: '{role} is not a role that can be spawned.',
    todo: 'Use worker or datanode.',
  },
  'autoscaler-on': {
    status: 409,
    definite: true,
    what: 'The autoscaler decides how many workers there are.',
    todo: 'Raise its minimum on the Elastic page, or switch it off.',
  },
  'too-many-nodes': {
    status: 400,
    definite: true,
    what: 'At most {limit} nodes fit a cluster here.',
    todo: 'Remove some, or ask for fewer.',
  },
  'engine-unavailable': {
    status: 503,
    definite: true,
    what: 'No container engine answers: {reason}.',
    todo: 'Start Docker, or run orrery doctor.',
  },
  'engine-failed': { status: 500, definite: false, what: 'The engine refused: {reason}.', todo: 'Run orrery doctor.' },
  'image-build-failed': {
    status: 500,
    definite: true,
    what: 'The image could not be built: {reason}.',
    todo: 'Run orrery doctor; the build log is in the panel.',
  },
  'port-taken': {
    status: 409,
    definite: true,
    what: 'Port {port} is taken by another program.',
    todo: 'Stop that program, or let Orrery take another port.',
  },
  'ports-exhausted': {
    status: 503,
    definite: true,
    what: 'All ports from {from} to {to} are taken.',
    todo: 'Stop a program that uses one, or set ORRERY_PORTS=from-to.',
  },
  'not-ready': {
    status: 504,
    definite: true,
    what: '{node} did not become ready: waited {ms} ms for {awaited}.',
    todo: 'Look at its logs.',
  },
  'load-running': { status: 409, definite: true, what: 'A load test is running already.', todo: 'Stop it first.' },
  'no-load': { status: 409, definite: true, what: 'No load test is running.', todo: 'Start one.' },
  'remote-target': {
    status: 403,
    definite: true,
    what: '{host} is not this machine.',
    todo: 'Load only what is yours: name the host in the window, or give --allow-remote.',
  },
  'panel-running': {
    status: 409,
    definite: true,
    what: 'Another panel (process {pid}) uses the same data.',
    todo: 'Use that one, or set ORRERY_HOME to another folder.',
  },
  'panel-absent': { status: 503, definite: true, what: 'No panel is running.', todo: 'Start one with orrery up.' },
  'journal-failed': {
    status: 500,
    definite: false,
    what: 'The journal cannot be written: {reason}.',
    todo: 'Free some disk space; the cluster goes on.',
  },
  disconnected: {
    status: 503,
    definite: false,
    what: 'The connection to the panel was lost.',
    todo: 'It reconnects by itself.',
  },
  'no-session': {
    status: 401,
    definite: true,
    what: 'This browser has not been let in.',
    todo: 'Open the address with ?token= that orrery printed.',
  },
  'foreign-origin': {
    status: 403,
    definite: true,
    what: '{origin} may not use this panel.',
    todo: 'Open the panel by the address that orrery printed.',
  },
  'bad-recording': {
    status: 400,
    definite: true,
    what: 'This recording cannot be played: {reason}.',
    todo: 'Choose a file that orrery record has written.',
  },
  recorded: { status: 409, definite: true, what: 'In a recording nothing runs.', todo: 'Close it; start a cluster.' },
  'foreign-page': {
    status: 403,
    definite: true,
    what: 'A page of {origin} may not use a cluster.',
    todo: 'Use the panel, or a program outside the browser.',
  },
  'bad-usage': { status: 400, definite: true, what: '{reason}.', todo: 'See --help.' },
} as const satisfies Record<string, { status: number; definite: boolean; what: string; todo: string }>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Record<string, string | number | boolean>;

/** What every HTTP error body and every bridge error carries. */
export type ErrorBody = { error: string; code: ErrorCode; definite: boolean; todo: string; details?: ErrorDetails };

/** An error of the world (not a bug): coded, with what happened and what to do. */
export class OrreryError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(describeError(code, details), options);
    this.name = 'OrreryError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get definite(): boolean {
    return ERRORS[this.code].definite;
  }

  toBody(): ErrorBody {
    const { definite, todo } = ERRORS[this.code];
    return { error: this.message, code: this.code, definite, todo: fill(todo, this.details), details: this.details };
  }
}

/** The sentence for a code with its details filled in. */
export function describeError(code: ErrorCode, details: ErrorDetails = {}): string {
  return fill(ERRORS[code].what, details);
}

/** Any thrown value as an OrreryError; what is not ours becomes `internal`. */
export function toOrreryError(thrown: unknown, node = 'this node'): OrreryError {
  if (thrown instanceof OrreryError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new OrreryError('internal', { reason, node }, { cause: thrown });
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? '?'));
}
