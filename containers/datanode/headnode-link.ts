/** The datanode's line to the headnode: hello, heartbeats, views and orders in, reports out. */
import { fromWire, toWire } from '../gateway/store-frames.ts';
import { dialFrames } from '../kit/frame-dialer.ts';
import type { Self } from '../kit/frame-server.ts';
import { createHeartbeatSender } from '../kit/heartbeat-sender.ts';
import type { HeartbeatSender } from '../kit/heartbeat-sender.ts';
import type { Connection, Frame, FrameHead } from '../kit/ports.ts';
import type { RoleContext } from '../kit/role-main.ts';
import type {
  CopyReport,
  DatanodeBeat,
  DatanodeInfo,
  DatanodeMessage,
  HeadnodeMessage,
} from '../protocol/store-messages.ts';

export type HeadnodeLinkOptions = {
  context: RoleContext;
  /** Changed when the headnode holds this incarnation for dead. */
  self: Self;
  address: string;
  info(): DatanodeInfo;
  beat(): DatanodeBeat;
  inFlight(): number;
  onMessage(message: Exclude<HeadnodeMessage, { t: 'verify' }>): void;
  verify(shard: number, key: string | null): CopyReport;
};

export class HeadnodeLink {
  readonly #options: HeadnodeLinkOptions;
  readonly #dialer: ReturnType<typeof dialFrames>;
  #sender: HeartbeatSender;
  /** Said again on every new connection: the headnode may not have heard it. */
  readonly #lasting: DatanodeMessage[] = [];
  #hasBeenOpen = false;

  constructor(options: HeadnodeLinkOptions) {
    this.#options = options;
    const { context, self, address, info } = options;
    const { shim, clock, random, say } = context;
    this.#sender = this.#newSender();
    this.#dialer = dialFrames({
      address,
      peer: { role: 'headnode' },
      self,
      info,
      shim,
      clock,
      random,
      onOpen: (connection, welcome) => this.#opened(connection, welcome),
      onClosed: (reason) => say('warn', 'lost the headnode', { reason }),
      onRefused: (code, reason) => say('error', 'the headnode refuses this node', { code, reason }),
    });
  }

  get hasBeenOpen(): boolean {
    return this.#hasBeenOpen;
  }

  report(message: DatanodeMessage): void {
    if (message.t === 'disk-trouble' || (message.t === 'corrupt' && message.shard === null))
      this.#lasting.push(message);
    const { head, body } = toWire(message);
    this.#dialer.connection()?.send(head, body);
  }

  close(): void {
    this.#sender.stop();
    this.#dialer.close();
  }

  #opened(connection: Connection, welcome: FrameHead): void {
    this.#hasBeenOpen = true;
    connection.onFrame((frame) => this.#received(connection, frame));
    this.#sender.start(connection, welcome['heartbeatIntervalMs']);
    for (const message of this.#lasting) connection.send(toWire(message).head);
    this.#options.context.say('info', 'joined the cluster', { incarnation: this.#options.self.incarnation });
  }

  #received(connection: Connection, frame: Frame): void {
    const { t } = frame.head;
    if (t === 'views' || t === 'learn' || t === 'ask-blocks') {
      this.#options.onMessage(fromWire(frame) as Exclude<HeadnodeMessage, { t: 'verify' }>);
    } else if (t === 'verify') this.#verify(connection, frame);
    else if (t === 'outdated') this.#comeAgain(connection);
  }

  #verify(connection: Connection, frame: Frame): void {
    const { shard, key } = frame.head as FrameHead & Extract<HeadnodeMessage, { t: 'verify' }>;
    connection.reply(frame, { t: 'verified', ...this.#options.verify(shard, key) });
  }

  /** Held for dead, wrongly: this incarnation is over, the node goes on in a new one. */
  #comeAgain(connection: Connection): void {
    const { self, context } = this.#options;
    self.incarnation = Math.max(self.incarnation + 1, context.clock.nowMs());
    this.#sender.stop();
    this.#sender = this.#newSender();
    context.say('warn', 'was held for dead; joining anew', { incarnation: self.incarnation });
    connection.close('joining anew');
  }

  #newSender(): HeartbeatSender {
    const { context, self, beat, inFlight } = this.#options;
    const { clock, hlc } = context;
    return createHeartbeatSender({
      clock,
      hlc,
      incarnation: self.incarnation,
      inFlight,
      extra: beat,
    });
  }
}
