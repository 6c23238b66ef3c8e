/**
 * The fold of the journal: what the window shows, live or for any moment of the past. Pure: the same
 * events give the same picture everywhere (invariant 33).
 */
import type { GuestKind } from '../../containers/protocol/guests.ts';
import type { Role } from '../../containers/protocol/roles.ts';
import type { Health, ShardView } from '../../containers/protocol/stream.ts';
import type { SeenProgram } from './course/course-diagnosis.ts';
import type { ActiveFault, Measure } from './faults/fault.ts';
import type { Actor, EngineName, ExitCause, JournalEvent, NodeState, NotableRequest } from './journal.ts';
import { EMPTY_STORE, type StoreHistory } from './records/store-history.ts';

export type Tombstone = { cause: ExitCause | 'silent'; atMs: number; exitCode: number | null; by: Actor | null };

export type NodePicture = {
  node: string;
  role: Role;
  state: NodeState;
  /** When this state began, ms. */
  sinceMs: number;
  incarnation: number | null;
  /** From launch to ready, ms; null before. */
  readyTookMs: number | null;
  tombstone: Tombstone | null;
  /** The last thing that went wrong with it, in words; null when nothing did. */
  trouble: { code: string; text: string; atMs: number } | null;
  heldDown: boolean;
  /** The engine's last word on its container; `none`: it has none. `state` is made of this and the next. */
  engineWord: EngineWord;
  /**
   * The last word of its monitor on the present incarnation. For master and headnode, which nobody
   * watches but the panel: `ready` while the panel's stream to it stands, `suspect` once it broke.
   */
  monitorWord: Health | null;
  /** When the present container was asked for, wall clock, ms. */
  launchedAtMs: number | null;
  /** Incarnation that ran before the present launch; what still arrives about it is ignored. */
  pastIncarnation: number | null;
  /** Its monitor let go of it; still so when it dies on the way out. */
  leaving: boolean;
  /** What somebody asked of it that has not come about yet. */
  asked: { what: 'kill' | 'stop' | 'remove' | 'respawn'; by: Actor } | null;
  /** A program of somebody's own, by which protocol it joined; absent for nodes of ours. */
  guest?: GuestKind;
};

/** It has no live container. One that its monitor holds for dead may still run: respawning it would do nothing. */
export const isDown = ({ engineWord }: NodePicture): boolean => engineWord === 'exited' || engineWord === 'none';
/** It has ended, and shows its tombstone. */
export const isBuried = (node: NodePicture): boolean => node.state === 'dead' && isDown(node);

export type EngineWord = 'none' | 'launched' | 'running' | 'paused' | 'exited';

/** `stopped` keeps no nodes: they are gone. `none`: this panel has never had a cluster. */
type ClusterPhase = 'none' | 'starting' | 'running' | 'stopping' | 'stopped';

export type ClusterPicture = {
  /** Sequence number of the last event folded in; 0 before the first. */
  seq: number;
  phase: ClusterPhase;
  cluster: string | null;
  run: string | null;
  name: string | null;
  engine: { name: EngineName; title: string } | null;
  /** null while the engine answers; else why it does not. */
  engineLost: string | null;
  /** null while the journal is written; else why it is not. The cluster goes on without it. */
  journalTrouble: string | null;
  endpoints: { master: string; headnode: string; course: Record<string, string> } | null;
  startingSinceMs: number | null;
  readyTookMs: number | null;
  /** In order of role lane, then number: master, workers, headnode, datanodes. */
  nodes: NodePicture[];
  /** Members that no engine of ours runs: shown with the nodes, but nothing can be done to them. */
  guests: NodePicture[];
  /** What was seen of the programs that students connect; the last that did something first. */
  programs: SeenProgram[];
  views: ShardView[];
  store: StoreHistory;
  monitors: { master: boolean; headnode: boolean };
  /** Faults that are on, oldest first. */
  faults: ActiveFault[];
  /** What the last proof found after faults were over; null before the first. */
  faultsProof: { clean: boolean | null; unknown: string | null; checks: Measure[]; atMs: number } | null;
  /** Newest first, at most REQUESTS_KEPT. */
  requests: NotableRequest[];
  /** What is left of the last stopped cluster; null before a stop. */
  left: { nodes: number; networks: number; volumes: number } | null;
};

/** Raised whenever a stored picture of an older build could not be used any more. */
export const PICTURE_SHAPE = 5;

export const REQUESTS_KEPT = 50;

export const EMPTY_PICTURE: ClusterPicture = {
  seq: 0,
  phase: 'none',
  cluster: null,
  run: null,
  name: null,
  engine: null,
  engineLost: null,
  journalTrouble: null,
  endpoints: null,
  startingSinceMs: null,
  readyTookMs: null,
  nodes: [],
  guests: [],
  programs: [],
  views: [],
  store: EMPTY_STORE,
  monitors: { master: false, headnode: false },
  faults: [],
  faultsProof: null,
  requests: [],
  left: null,
};

/** The picture after one more event. Never changes its input; unchanged parts are shared. */
export type Fold = (picture: ClusterPicture, event: JournalEvent) => ClusterPicture;
