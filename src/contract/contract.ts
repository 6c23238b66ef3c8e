/**
 * Everything the window (and the command line) can ask of the main process, as one value. Main binds
 * services to it, the bridge checks every input against it, the renderer's client derives its types
 * from it. Calls answer once; streams send items until the reader stops, with credits, so that a
 * slow reader never makes the sender buffer.
 */
import { z } from 'zod';
import { balancerBody } from '../../containers/protocol/balancing.ts';
import type { BalancerParameters } from '../../containers/protocol/balancing.ts';
import { detectorBody, linesBody, unsafeRecoveryBody, verifyBody } from '../../containers/protocol/control.ts';
import type { LineSettings, RecoveryAnswer, VerifyAnswer } from '../../containers/protocol/control.ts';
import { autoscalerBody, type AutoscalerPicture } from '../../containers/protocol/autoscaler.ts';
import { orderSettingsBody, type OrderSettings } from '../../containers/protocol/guests.ts';
import type { DetectorParameters, Sample } from '../../containers/protocol/stream.ts';
import type { BulkResult, RecordListAnswer } from '../../containers/protocol/records.ts';
import type { AttemptsAnswer, BatchView, RedriveAnswer, TaskView } from '../../containers/protocol/tasks.ts';
import type { Machine, Offer } from '../core/preflight.ts';
import type { ClusterPicture } from '../core/cluster-picture.ts';
import type { TracePart } from '../../containers/protocol/traces.ts';
import type { TraceHead } from '../core/latency/trace-query.ts';
import type { LatencyHistory } from '../core/latency/latency-history.ts';
import { COURSE_PORTS } from '../core/course/course-ports.ts';
import type { ExportedFile } from '../core/export/exported-cluster.ts';
import type { LoadPush, LoadRun, LoadRunHead } from '../core/load/load-run.ts';
import { journalSpan, latencyQuery, traceId, traceQuery } from './latency-schema.ts';
import { faultHeal, faultSpec } from './faults-schema.ts';
import type { ActiveFault, FaultInjected, FaultsHealed } from './faults-schema.ts';
import { exportRequest } from './export-schema.ts';
import { loadAnnotation, loadRunId, loadStart } from './load-schema.ts';
import { CLUSTER_NAME, DATANODES_MAX, WORKERS_MAX } from './names.ts';
import { recordBulk, recordDelete, recordKeys, recordQuery, recordWrite } from './records-schema.ts';
import type { RecordContent } from './records-schema.ts';
import { batchOrder, batchQuery, taskQuestion, taskRedrive, taskSearch } from './tasks-schema.ts';
import { weatherHistoryQuery, weatherQuestion } from './weather-schema.ts';
import type { WeatherHistory, WeatherLookUp, WeatherSeen, WeatherState } from './weather-schema.ts';
import type { Actor, JournalEvent, NotableRequest } from '../core/journal.ts';

type Call<Input extends z.ZodType, Output> = { kind: 'call'; input: Input; readonly output?: Output };
type Stream<Input extends z.ZodType, Item> = { kind: 'stream'; input: Input; readonly item?: Item };
const call = <Input extends z.ZodType, Output>(input: Input): Call<Input, Output> => ({ kind: 'call', input });
const stream = <Input extends z.ZodType, Item>(input: Input): Stream<Input, Item> => ({ kind: 'stream', input });

const nothing = z.undefined();
const nodeIds = z.array(z.string().min(1).max(64)).min(1).max(1_000);
const key = z.string().min(1).max(2_048);
const detectorOrder = detectorBody.extend({ monitor: z.enum(['master', 'headnode']).default('master') });

const coursePorts = z.array(z.enum(COURSE_PORTS)).max(COURSE_PORTS.length).default([]);

export type ClusterOptions = z.infer<typeof clusterOptions>;
/** What is left out is as by default. */
export type ClusterRequest = z.input<typeof clusterOptions>;
export const clusterOptions = z.strictObject({
  engine: z.enum(['auto', 'docker', 'process']).default('auto'),
  workers: z.number().int().min(0).max(WORKERS_MAX).default(3),
  datanodes: z.number().int().min(0).max(DATANODES_MAX).default(3),
  /** A named cluster keeps its volumes when it stops. */
  name: z.string().regex(CLUSTER_NAME).nullable().default(null),
  /** Publish it at the fixed ports of the courses too. */
  coursePorts,
  /** Set this at the master as soon as it answers. */
  master: z.strictObject({ autoscaler: autoscalerBody.optional(), orders: orderSettingsBody.optional() }).optional(),
});

export type DoctorCheck = { id: string; ok: boolean | 'unknown'; found: string; fix: string | null };
export type ProgressState = { step: string; done: number; total: number | null } | null;
export type SamplePush = { monitor: 'master' | 'headnode'; receivedAtMs: number; sample: Sample };
export type LogPush = { atMs: number | null; stream: 'stdout' | 'stderr'; text: string };
export type NodeUsage = { node: string; atMs: number; cpuShare: number; memoryBytes: number };
export type RecordRead = { key: string; version: number; value: string; contentType: string; replicas: string[] };
export type HostInfo = { host: 'electron' | 'web'; version: string; platform: string; dataFolder: string };
/** What the desktop asks the window to show: a link, or a recording that was opened (its file, in Base64). */
export type HostAsk =
  { show: 'page'; page: string } | { show: 'node'; node: string } | { show: 'recording'; name: string; file: string };
/** `engine`: what would run the nodes; null when none answers. `image`: null where none is needed or it cannot be asked. */
export type Preflight = Machine & {
  engine: string | null;
  image: { present: boolean; bytes: number | null } | null;
  offer: Offer;
};
/** `possible`: only an installed application can be updated. */
export type UpdateState = { possible: boolean; available: string | null };
/** A part of a batch can fail: every node gets its own answer. */
export type NodeOutcome = { node: string; ok: boolean; code?: string; error?: string };

/** A stopped cluster whose volumes wait for its next start. */
export type KeptCluster = { name: string; engine: string; workers: number; datanodes: number };

export const contract = {
  'host.info': call<typeof nothing, HostInfo>(nothing),
  'host.doctor': call<typeof nothing, DoctorCheck[]>(nothing),
  /** What this machine has room for, before a first cluster. */
  'host.preflight': call<typeof nothing, Preflight>(nothing),
  'host.asks': stream<typeof nothing, HostAsk>(nothing),
  /** Looks for a new version of an installed application. */
  'updates.check': call<typeof nothing, UpdateState>(nothing),
  /** Fetches what the last check found, and restarts into it. */
  'updates.install': call<typeof nothing, null>(nothing),

  'cluster.start': call<typeof clusterOptions, { cluster: string }>(clusterOptions),
  'cluster.stop': call<
    z.ZodObject<{ keepAs: z.ZodNullable<z.ZodString> }>,
    { left: NonNullable<ClusterPicture['left']> }
  >(
    z.strictObject({
      keepAs: z.string().regex(CLUSTER_NAME).nullable(),
    }),
  ),
  /** The running cluster, or a new one, as files that run it without the panel. */
  'cluster.export': call<typeof exportRequest, ExportedFile[]>(exportRequest),
  /** The courses' log of the newest run, in pieces of text. */
  'course.log': stream<typeof nothing, string>(nothing),
  /** Publishes the running cluster at these ports of the courses, and no others; what moves is restarted on its volume. */
  'cluster.course-ports': call<z.ZodObject<{ coursePorts: typeof coursePorts }>, null>(z.strictObject({ coursePorts })),
  /** Freezes all nodes, or lets all go on. */
  'cluster.pause': call<z.ZodObject<{ paused: z.ZodBoolean }>, null>(z.strictObject({ paused: z.boolean() })),
  'cluster.kept': call<typeof nothing, KeptCluster[]>(nothing),
  'cluster.picture': call<typeof nothing, ClusterPicture>(nothing),
  /** Progress of the image build or of the start, null when idle. */
  'cluster.progress': stream<typeof nothing, ProgressState>(nothing),

  'nodes.spawn': call(
    z.strictObject({ role: z.enum(['worker', 'datanode']), count: z.number().int().min(1).max(WORKERS_MAX) }),
  ) as Call<
    z.ZodObject<{ role: z.ZodEnum<{ worker: 'worker'; datanode: 'datanode' }>; count: z.ZodNumber }>,
    { nodes: string[] }
  >,
  'nodes.kill': call<z.ZodObject<{ nodes: typeof nodeIds }>, NodeOutcome[]>(z.strictObject({ nodes: nodeIds })),
  'nodes.remove': call<z.ZodObject<{ nodes: typeof nodeIds }>, NodeOutcome[]>(z.strictObject({ nodes: nodeIds })),
  'nodes.respawn': call<z.ZodObject<{ nodes: typeof nodeIds }>, NodeOutcome[]>(z.strictObject({ nodes: nodeIds })),
  /** Keep a master or headnode down after a kill, instead of restarting it. */
  'nodes.hold-down': call<z.ZodObject<{ node: z.ZodString; held: z.ZodBoolean }>, NodeOutcome>(
    z.strictObject({ node: z.string(), held: z.boolean() }),
  ),
  'nodes.logs': stream<z.ZodObject<{ node: z.ZodString; tailLines: z.ZodNumber; follow: z.ZodBoolean }>, LogPush>(
    z.strictObject({ node: z.string().min(1), tailLines: z.number().int().min(0).max(10_000), follow: z.boolean() }),
  ),
  'nodes.usage': stream<typeof nothing, NodeUsage[]>(nothing),

  'tasks.calculate': call<z.ZodObject<{ expression: z.ZodString }>, NotableRequest>(
    z.strictObject({ expression: z.string().min(1).max(1_000) }),
  ),
  'tasks.list': call<z.ZodObject<{ limit: z.ZodNumber }>, TaskView[]>(
    z.strictObject({ limit: z.number().int().min(1).max(1_000) }),
  ),
  /** A page of the tasks that match, newest first. */
  'tasks.search': call<typeof taskSearch, TaskView[]>(taskSearch),
  /** What happened to a task, oldest first. */
  'tasks.attempts': call<typeof taskQuestion, AttemptsAnswer>(taskQuestion),
  'tasks.redrive': call<typeof taskRedrive, RedriveAnswer>(taskRedrive),
  /** The newest first. */
  'tasks.batches': call<typeof batchQuery, BatchView[]>(batchQuery),
  /** Answers when all of it is durable. */
  'tasks.submit-batch': call<typeof batchOrder, BatchView>(batchOrder),

  /** Switches the autoscaler, or changes its parameters, while the cluster runs; answers with how it stands. */
  'autoscaler.set': call<typeof autoscalerBody, AutoscalerPicture>(autoscalerBody),
  /** Changes a monitor's failure detector while it runs; answers with all its parameters. */
  'detector.set': call<typeof detectorOrder, DetectorParameters>(detectorOrder),
  /** Whether `quit` in line mode stops the cluster. */
  /** Changes how orders of fruit are made, while the cluster runs; answers with how they are then: with nothing to change, how they are. */
  'orders.set': call<typeof orderSettingsBody, OrderSettings>(orderSettingsBody),
  'lines.set': call<typeof linesBody, LineSettings>(linesBody),
  /** Changes how the master balances requests while it runs; answers with all that can be set. */
  'balancer.set': call<typeof balancerBody, BalancerParameters>(balancerBody),

  'records.put': call<typeof recordWrite, NotableRequest>(recordWrite),
  'records.get': call<z.ZodObject<{ key: z.ZodString }>, NotableRequest & { record: RecordRead | null }>(
    z.strictObject({ key }),
  ),
  'records.delete': call<typeof recordDelete, NotableRequest>(recordDelete),
  'records.list': call<typeof recordQuery, RecordListAnswer>(recordQuery),
  /** A record with its bytes, null when there is none. Not noted in the journal, as looking at pages is not. */
  'records.read': call<z.ZodObject<{ key: z.ZodString }>, RecordContent | null>(z.strictObject({ key })),
  /** The versions that are there, null where none is; in the order of the keys. */
  'records.versions': call<typeof recordKeys, (number | null)[]>(recordKeys),
  /** Writes a lot; one result a record, in their order. */
  'records.import': call<typeof recordBulk, BulkResult[]>(recordBulk),

  /** Has the copies of a record, or of a whole shard, looked at now. */
  'store.verify': call<typeof verifyBody, VerifyAnswer>(verifyBody),
  /** Goes on with the copies that are here, though writes may be lost; `preview`: only tells what that would mean. */
  'store.recover': call<typeof unsafeRecoveryBody, RecoveryAnswer>(unsafeRecoveryBody),

  /** The current weather of a place. What the cluster refuses is an answer too. */
  'weather.look-up': call<typeof weatherQuestion, WeatherLookUp>(weatherQuestion),
  /** What is stored of a city. */
  'weather.history': call<typeof weatherHistoryQuery, WeatherHistory>(weatherHistoryQuery),
  /** The cities that have been looked up, the most recent first. */
  'weather.seen': call<typeof nothing, WeatherSeen[]>(nothing),
  'weather.state': call<typeof nothing, WeatherState>(nothing),

  /** Journal events after `afterSeq`, then live ones. `afterSeq: null` starts with the current run. */
  'journal.follow': stream<z.ZodObject<{ afterSeq: z.ZodNullable<z.ZodNumber> }>, JournalEvent[]>(
    z.strictObject({ afterSeq: z.number().int().min(0).nullable() }),
  ),
  /** A page of the past, newest first, before `beforeSeq` (null: the newest). */
  'journal.page': call<z.ZodObject<{ beforeSeq: z.ZodNullable<z.ZodNumber>; limit: z.ZodNumber }>, JournalEvent[]>(
    z.strictObject({ beforeSeq: z.number().int().min(1).nullable(), limit: z.number().int().min(1).max(1_000) }),
  ),
  /** Events of a span of time, oldest first; of more than `limit` the newest. */
  'journal.between': call<typeof journalSpan, JournalEvent[]>(journalSpan),
  /** Percentiles and heat map of live traffic, from merged histograms. */
  'latency.history': call<typeof latencyQuery, LatencyHistory>(latencyQuery),
  /** Kept requests, the slowest first. */
  'traces.list': call<typeof traceQuery, TraceHead[]>(traceQuery),
  /** All that is known of one request's way; empty when it was not kept. */
  'traces.read': call<typeof traceId, TracePart[]>(traceId),
  'samples.follow': stream<typeof nothing, SamplePush[]>(nothing),

  'load.start': call<typeof loadStart, { run: string }>(loadStart),
  'load.pause': call<z.ZodObject<{ paused: z.ZodBoolean }>, null>(z.strictObject({ paused: z.boolean() })),
  /** Sends nothing more; the run ends when what is under way is answered, or two seconds later. */
  'load.stop': call<typeof nothing, null>(nothing),
  /** The run that goes on or was the last one: all of it first, then what changed. */
  'load.follow': stream<typeof nothing, LoadPush>(nothing),
  /** Kept runs, newest first. */
  'load.list': call<typeof nothing, LoadRunHead[]>(nothing),
  'load.read': call<typeof loadRunId, LoadRun>(loadRunId),
  'load.annotate': call<typeof loadAnnotation, true>(loadAnnotation),
  'load.remove': call<typeof loadRunId, true>(loadRunId),

  /** Answers when its effect was measured. Refuses in words what cannot be (`bad-fault`, `unknown-node`). */
  'faults.inject': call<typeof faultSpec, FaultInjected>(faultSpec),
  /** Ends a fault, or all; answers with the proof that nothing is left. Throws `unknown-fault`. */
  'faults.heal': call<typeof faultHeal, FaultsHealed>(faultHeal),
  'faults.list': call<typeof nothing, ActiveFault[]>(nothing),

  'settings.read': call<typeof nothing, Record<string, unknown>>(nothing),
  'settings.write': call<z.ZodObject<{ name: z.ZodString; value: z.ZodUnknown }>, null>(
    z.strictObject({ name: z.string().min(1).max(100), value: z.unknown() }),
  ),
} as const;

type Contract = typeof contract;
export type Method = keyof Contract;
export type CallMethod = { [M in Method]: Contract[M] extends { kind: 'call' } ? M : never }[Method];
export type StreamMethod = Exclude<Method, CallMethod>;
export type InputOf<M extends Method> = z.input<Contract[M]['input']>;
type ParsedOf<M extends Method> = z.output<Contract[M]['input']>;
export type OutputOf<M extends CallMethod> = Contract[M] extends { readonly output?: infer O }
  ? Exclude<O, undefined>
  : never;
export type ItemOf<M extends StreamMethod> = Contract[M] extends { readonly item?: infer I }
  ? Exclude<I, undefined>
  : never;

/** On whose behalf a call comes, and whether its asker still waits. */
export type CallContext = { actor: Extract<Actor, 'user' | 'command-line'>; signal: AbortSignal };

/** What main implements: one function a method. Streams end when `signal` aborts. */
export type Handlers = {
  [M in CallMethod]: (input: ParsedOf<M>, context?: CallContext) => Promise<OutputOf<M>>;
} & {
  [M in StreamMethod]: (input: ParsedOf<M>, signal: AbortSignal) => AsyncIterable<ItemOf<M>>;
};

export type StreamOptions<M extends StreamMethod> = {
  /**
   * The input with which the stream goes on after `item`, should the connection be lost. Without it
   * (and journal.follow has it built in) the stream is opened anew with its first input.
   */
  resume?: (item: ItemOf<M>, input: InputOf<M>) => InputOf<M>;
};

/** What the renderer and the command line hold. Errors arrive as OrreryError. */
export type Client = {
  /** Waits for a connection attempt under way; rejects with `disconnected` when it fails or is lost. */
  call<M extends CallMethod>(method: M, input: InputOf<M>, options?: { signal?: AbortSignal }): Promise<OutputOf<M>>;
  /** Opens at the first read; survives lost connections; ends quietly when `signal` aborts. */
  stream<M extends StreamMethod>(
    method: M,
    input: InputOf<M>,
    signal: AbortSignal,
    options?: StreamOptions<M>,
  ): AsyncIterable<ItemOf<M>>;
  /** Calls `listener` with whether the connection stands; it is restored by itself. Returns a disposer. */
  onConnection(listener: (connected: boolean) => void): () => void;
  close(): void;
};
