/** A journal event in a sentence, with the node it is about and how much it matters. */
import type { JournalBody, JournalEvent } from '../../../core/journal.ts';
import type { ScalingDecision } from '../../../../containers/protocol/autoscaler.ts';
import type { MonitorEvent } from '../../../../containers/protocol/stream.ts';
import type { Translate } from '../messages/i18n.ts';
import { describeFaultEvent } from './describe-fault.ts';
import { describeDecision, describeSettings, isChange } from './describe-scaling.ts';
import { formatBytes, formatMs } from '../ui/format.ts';

export type Tone = 'plain' | 'asked' | 'ok' | 'retry' | 'error';
export type Told = { text: string; node: string | null; request: string | null; tone: Tone };

const plain = (text: string, node: string | null = null, tone: Tone = 'plain'): Told => ({
  text,
  node,
  request: null,
  tone,
});

/** null for events that mean nothing to a reader: pictures that repeat what is known. */
export function describeEvent({ body }: JournalEvent, t: Translate): Told | null {
  return describeCluster(body, t) ?? describeFaultEvent(body, t) ?? describeNode(body, t);
}

function describeCluster(body: JournalBody, t: Translate): Told | null {
  switch (body.type) {
    case 'cluster-starting':
      return plain(
        t(body.adopted ? 'event.cluster-adopted' : 'event.cluster-starting', { engine: body.engineTitle }),
        null,
        'asked',
      );
    case 'cluster-endpoints':
      return plain(t('event.cluster-endpoints', { master: body.master, headnode: body.headnode }));
    case 'cluster-ready':
      return plain(t('event.cluster-ready', { took: formatMs(body.tookMs) }), null, 'ok');
    case 'cluster-stopping':
      return plain(t(body.keepVolumes ? 'event.cluster-stopping-keep' : 'event.cluster-stopping'), null, 'asked');
    case 'cluster-stopped':
      return plain(t('event.cluster-stopped', body.left));
    case 'engine-lost':
      return plain(t('event.engine-lost', { reason: body.reason }), null, 'error');
    case 'engine-back':
      return plain(t('event.engine-back'), null, 'ok');
    case 'monitor-connected':
      return plain(t('event.monitor-connected', { monitor: body.monitor }), body.monitor, 'ok');
    case 'monitor-lost':
      return plain(t('event.monitor-lost', { monitor: body.monitor, reason: body.reason }), body.monitor, 'retry');
    case 'journal-trouble':
      return plain(t('event.journal-trouble', { reason: body.reason }), null, 'error');
    case 'request-sent':
      return describeRequest(body.request, t);
    case 'load-started':
      return plain(t('event.load-started', { name: body.name, by: t(`actor.${body.by}`) }), null, 'asked');
    case 'load-finished': {
      const verdict = t(`load.word.verdict-${body.verdict}`);
      return plain(t('event.load-finished', { name: body.name, state: t(`load.state.${body.state}`), verdict }));
    }
    default:
      return null;
  }
}

function describeRequest(request: Extract<JournalBody, { type: 'request-sent' }>['request'], t: Translate): Told {
  const { kind, subject, outcome, tookMs, worker } = request;
  const tone: Tone = outcome === 'ok' ? 'plain' : outcome === 'error' ? 'error' : 'retry';
  const text = t(`event.request.${kind}`, { subject, outcome: t(`outcome.${outcome}`), took: formatMs(tookMs) });
  return { text, node: worker, request: request.id, tone };
}

function describeNode(body: JournalBody, t: Translate): Told | null {
  switch (body.type) {
    case 'node-wanted':
      return plain(t('event.node-wanted', { node: body.node, by: t(`actor.${body.by}`) }), body.node, 'asked');
    case 'node-ready':
      return plain(t('event.node-ready', { node: body.node, took: formatMs(body.tookMs) }), body.node, 'ok');
    case 'node-not-ready': {
      const values = { node: body.node, awaited: body.awaited, waited: formatMs(body.waitedMs) };
      return plain(t('event.node-not-ready', values), body.node, 'error');
    }
    case 'node-failed':
      return plain(t('event.node-failed', { node: body.node, reason: body.reason }), body.node, 'error');
    case 'node-kill-asked':
    case 'node-remove-asked':
    case 'node-respawn-asked':
      return plain(t(`event.${body.type}`, { node: body.node, by: t(`actor.${body.by}`) }), body.node, 'asked');
    case 'node-stop-asked': {
      const key = body.restart ? 'event.node-restart-asked' : 'event.node-stop-asked';
      return plain(t(key, { node: body.node, by: t(`actor.${body.by}`) }), body.node, 'asked');
    }
    case 'node-held-down':
      return plain(t(body.held ? 'event.node-held' : 'event.node-released', { node: body.node }), body.node, 'asked');
    case 'node-exited':
      return exited(body, t);
    case 'node-launched':
    case 'node-started':
    case 'node-removed':
      return plain(t(`event.${body.type}`, { node: body.node }), body.node);
    case 'node-paused':
      return plain(
        t(body.paused ? 'event.node-paused' : 'event.node-unpaused', { node: body.node }),
        body.node,
        'retry',
      );
    case 'monitor-event':
      return describeScaling(body.event, t) ?? describeMonitorEvent(body.event, t);
    default:
      return null;
  }
}

function exited(body: Extract<JournalBody, { type: 'node-exited' }>, t: Translate): Told {
  const wanted = body.cause === 'removed' || body.cause === 'stopped';
  const values = { node: body.node, cause: t(`cause.${body.cause}`), code: body.exitCode };
  return plain(t('event.node-exited', values), body.node, wanted ? 'plain' : 'error');
}

function describeMonitorEvent(event: MonitorEvent, t: Translate): Told | null {
  switch (event.type) {
    case 'member-joined': {
      const key = event.guest === undefined ? 'event.member-joined' : 'event.guest-joined';
      return plain(t(key, { node: event.node }), event.node);
    }
    case 'member-ready':
    case 'member-trusted':
    case 'member-draining':
    case 'member-left':
      return plain(t(`event.${event.type}`, { node: event.node }), event.node);
    case 'member-suspect':
    case 'member-dead': {
      const values = { node: event.node, silent: formatMs(event.silentMs), phi: event.phi.toFixed(1) };
      return plain(t(`event.${event.type}`, values), event.node, event.type === 'member-dead' ? 'error' : 'retry');
    }
    case 'stop-requested':
      return plain(t('event.stop-requested', { peer: event.peer }), null, 'retry');
    case 'worker-ejected': {
      const values = { node: event.node, errors: event.errors, for: formatMs(event.forMs) };
      return plain(t('event.worker-ejected', values), event.node, 'retry');
    }
    case 'peer-refused':
      return plain(t('event.peer-refused', { peer: event.peer, reason: event.reason }), null, 'error');
    case 'view-changed': {
      const { shard, epoch, primary } = event.view;
      return plain(t('event.view-changed', { shard, epoch, primary: primary ?? '–' }), primary);
    }
    case 'repair-started':
      return plain(
        t('event.repair-started', { shard: event.shard, from: event.from, to: event.to }),
        event.to,
        'retry',
      );
    case 'repair-finished': {
      const values = {
        shard: event.shard,
        records: event.records,
        bytes: formatBytes(event.bytes),
        took: formatMs(event.tookMs),
      };
      return plain(t('event.repair-finished', values), event.to, 'ok');
    }
    case 'repair-abandoned': {
      const { shard, to, reason } = event;
      return plain(t('event.repair-abandoned', { shard, to, reason }), to, 'retry');
    }
    case 'corruption-found': {
      const { node, reason, remedy } = event;
      return plain(t('event.corruption-found', { node, reason, remedy: t(`remedy.${remedy}`) }), node, 'error');
    }
    case 'views-lost':
      return plain(t('event.views-lost', { nodes: event.waitingFor.join(', ') }), null, 'error');
    case 'views-rebuilt': {
      const { shards, doubtful, lost } = event;
      const values = { shards, doubtful: doubtful.length, lost: lost.length };
      return plain(t('event.views-rebuilt', values), null, doubtful.length + lost.length > 0 ? 'error' : 'ok');
    }
    case 'disk-trouble':
      return plain(t('event.disk-trouble', { node: event.node, reason: event.reason }), event.node, 'error');
    default:
      return unnamed(event, t);
  }
}

/** The autoscaler's part; null for events that are none of its. */
function describeScaling(event: MonitorEvent, t: Translate): Told | null {
  switch (event.type) {
    case 'member-standby':
    case 'member-promoted':
      return plain(t(`event.${event.type}`, { node: event.node }), event.node);
    case 'autoscaler-set':
      return plain(describeSettings(event.settings, t), null, 'asked');
    case 'scaling-decided':
      return plain(describeDecision(event.decision, t), null, toneOf(event.decision));
    case 'took-over': {
      const values = { node: event.node, given: formatMs(event.givenMs), answered: formatMs(event.answeredMs) };
      return plain(t(event.wasStandby ? 'event.took-over' : 'event.took-over-cold', values), event.node, 'ok');
    }
    default:
      return null;
  }
}

/** What could not be done is worth a warning colour. */
function toneOf(decision: ScalingDecision): Tone {
  return isChange(decision) ? 'asked' : 'retry';
}

/** A panel may be newer than this window, or its words older than its events: the type's name still says something. */
function unnamed(event: { type: string }, t: Translate): Told {
  return plain(t('event.unnamed', { type: event.type }));
}
