/** Broken variants of the record store (ALGORITHMS.md 5): the checkers must notice each of them. */
import { newFollower, newLead } from '../datanode/lead-state.ts';
import type { DatanodeSimulation } from './adapters/datanode.ts';
import type { HeadnodeSimulation } from './adapters/headnode.ts';

export type StoreSabotage = {
  /** What promise it breaks. */
  breaks: string;
  datanode?: DatanodeSimulation['sabotage'];
  rebuilt?: DatanodeSimulation['rebuilt'];
  headnode?: HeadnodeSimulation['sabotage'];
};

export const STORE_SABOTAGES: Readonly<Record<string, StoreSabotage>> = {
  'reply-after-majority': {
    breaks: 'a write is acknowledged when most members hold it, not all',
    datanode: (effects, event, state) => {
      if (event.kind !== 'peer' || event.message.t !== 'ack') return effects;
      const lead = state.shards.get(event.message.shard)?.lead;
      for (const follower of lead?.followers.values() ?? [])
        if (follower.node !== event.from) follower.isInAckSet = false;
      return effects;
    },
  },
  'read-without-confirm': {
    breaks: 'a primary serves reads without asking whether it still is one',
    datanode: (effects, event, state) => {
      if (event.kind !== 'request' || event.request.t !== 'get') return effects;
      const { shard: number, key } = event.request;
      const shard = state.shards.get(number);
      if (shard?.role !== 'primary' || shard.lead === null) return effects;
      const entry = shard.records.get(key);
      const isLive = entry !== undefined && !entry.isDelete;
      shard.lead.nextReads = shard.lead.nextReads.filter((read) => !('from' in read) || read.from !== event.from);
      if (shard.lead.round !== null) {
        shard.lead.round.reads = shard.lead.round.reads.filter((read) => !('from' in read) || read.from !== event.from);
      }
      return [
        { kind: 'answer', to: event.from, answer: isLive ? { t: 'value', entry, replicas: [] } : { t: 'absent' } },
      ];
    },
  },
  'add-before-catch-up': {
    breaks: 'a joiner becomes a member before it holds everything',
    datanode: (effects, event) => {
      if (event.kind !== 'learn') return effects;
      const { shard, epoch, node, store } = event;
      return [...effects, { kind: 'report', message: { t: 'add', shard, epoch, node, store, records: 0, bytes: 0 } }];
    },
  },
  'restart-resumes-epoch': {
    breaks: 'a restarted primary goes on in the epoch in which it ended',
    rebuilt: (state) => {
      for (const shard of state.shards.values()) {
        const { view } = shard;
        if (shard.role !== 'restarted' || view?.primary !== state.settings.node) continue;
        shard.role = 'primary';
        shard.lead = newLead();
        shard.lead.isAdopted = true;
        for (const node of view.members.filter((member) => member !== state.settings.node)) {
          const { last } = shard;
          const follower = { ...newFollower(node, false, 0), state: 'streaming' as const, owesSinceMs: null };
          shard.lead.followers.set(node, { ...follower, acked: last, sent: last });
        }
      }
    },
  },
  'ack-before-sync': {
    breaks: 'a member acknowledges what is not on its disk',
    datanode: (effects) =>
      effects.flatMap((effect) => (effect.kind === 'persist' ? [...effect.then, { ...effect, then: [] }] : [effect])),
  },
  'accepts-old-epochs': {
    breaks: 'a secondary confirms and acknowledges for a primary of an older view',
    datanode: (effects, event) => {
      if (event.kind !== 'peer') return effects;
      const { message, from } = event;
      return effects.map((effect) => {
        if (effect.kind !== 'send' || effect.to !== from) return effect;
        if (effect.message.t === 'confirmed') return { ...effect, message: { ...effect.message, stale: [] } };
        if (effect.message.t !== 'nack' || effect.message.reason !== 'epoch' || message.t !== 'prepare') return effect;
        const { shard, seq } = message.entry;
        return { ...effect, message: { t: 'ack', shard, epoch: message.epoch, seq, committed: 0 } };
      });
    },
  },
  'announce-before-sync': {
    breaks: 'the headnode announces views that are not on its disk',
    headnode: (effects) =>
      effects.flatMap((effect) => (effect.kind === 'persist' ? [...effect.then, { ...effect, then: [] }] : [effect])),
  },
  'confirm-skips-joiner': {
    breaks: 'a read is confirmed by the members only, not by a joiner for which ADD was sent',
    datanode: (effects, _, state) =>
      effects.map((effect) => {
        if (effect.kind !== 'send' || effect.message.t !== 'confirm') return effect;
        const { message, to } = effect;
        const isJoiner = message.shards.every(([shard]) => state.shards.get(shard)?.lead?.followers.get(to)?.isLearner);
        if (!isJoiner) return effect;
        const confirmed = { t: 'confirmed' as const, round: message.round, stale: [] };
        return { kind: 'self', event: { kind: 'peer', from: to, message: confirmed } };
      }),
  },
  'joiner-leaves': {
    breaks: 'a joiner is dropped from the acknowledging set after ADD was sent',
    datanode: (effects, _, state) => {
      for (const shard of state.shards.values()) {
        for (const follower of shard.lead?.followers.values() ?? []) {
          if (follower.isLearner && follower.addSentMs !== null && follower.owesSinceMs !== null)
            follower.isInAckSet = false;
        }
      }
      return effects;
    },
  },
};
