/** What the commands need of the world; headless.ts gives the real ones, tests their own. */
import type { DoctorCheck, Handlers } from '../../contract/contract.ts';
import type { ExportRequest } from '../../contract/export-schema.ts';
import type { ExportedFile } from '../../core/export/exported-cluster.ts';
import type { Leftovers } from '../engine/engine.ts';

export type Panel = {
  handlers: Handlers;
  /** Removes what runs (a named cluster keeps its volumes) and ends the panel. */
  close(): Promise<void>;
};

export type CommandPorts = {
  version: string;
  /** The data folder (ORRERY_HOME). */
  home: string;
  /** The built renderer. */
  rendererFolder: string;
  /** Throws panel-running when another panel has the data folder. */
  openPanel(): Promise<Panel>;
  doctor(): Promise<DoctorCheck[]>;
  /** A new cluster as files, without a running panel. */
  exportCluster(request: ExportRequest): Promise<ExportedFile[]>;
  /** The courses' log of the last run, without a running panel. */
  courseLog(): AsyncIterable<string>;
  /** Removes everything labelled ours, on every engine that answers. */
  clean(): Promise<Leftovers>;
  /** Shows an address to the person; fails silently where there is no browser. */
  openBrowser(url: string): void;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Calls `stop` at SIGINT, SIGTERM or SIGHUP, as often as they come, instead of ending the process. */
  onSignal(stop: () => void): void;
};
