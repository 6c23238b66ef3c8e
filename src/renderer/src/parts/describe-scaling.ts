/** The autoscaler's decisions in words: what it looked at, what it found, what would trigger the next. */
import type {
  AutoscalerPicture,
  AutoscalerSettings,
  NextTrigger,
  ScalingDecision,
  ScalingFacts,
} from '../../../../containers/protocol/autoscaler.ts';
import type { Translate } from '../messages/i18n.ts';
import { formatAge, formatMs, formatRate } from '../ui/format.ts';

export const isChange = ({ from, to }: Pick<ScalingDecision, 'from' | 'to'>): boolean => from !== to;

/** `3 → 5 workers: the arrivals need more`, or why nothing could be changed. */
export function describeDecision({ from, to, verdict, facts }: ScalingDecision, t: Translate): string {
  const why = t(`scaling.verdict.${verdict}`);
  if (from !== to) return t('scaling.changed', { from, to, why });
  if (facts.need === null) return t('scaling.stays', { to, why });
  return t('scaling.unchanged', { need: facts.need, to, why });
}

/** What the decision looked at. */
export function describeFacts(facts: ScalingFacts, t: Translate): string {
  const { rate2, rate60, serviceMs, p95Ms, queued, waitMs } = facts;
  const parts = [t('scaling.rates', { now: formatRate(rate2), minute: formatRate(rate60) })];
  if (serviceMs !== null) parts.push(t('scaling.service', { service: formatMs(serviceMs) }));
  if (p95Ms !== null) parts.push(t('scaling.p95', { p95: formatMs(p95Ms) }));
  if (queued > 0) parts.push(t('scaling.queued', { queued, wait: formatMs(waitMs) }));
  return parts.join(', ');
}

/** What would trigger the next change; empty when nothing foreseeable does. */
export function describeNext({ growAtRate, shrinkTo, shrinkInMs }: NextTrigger, t: Translate): string {
  const parts: string[] = [];
  if (growAtRate !== null) parts.push(t('scaling.next-more', { rate: formatRate(growAtRate) }));
  if (shrinkTo !== null && shrinkInMs !== null)
    parts.push(t('scaling.next-fewer', { count: shrinkTo, in: formatAge(shrinkInMs) }));
  return parts.join('; ');
}

export function describeSettings(
  { enabled, policy, thresholdMs, minimum, maximum, standby }: AutoscalerSettings,
  t: Translate,
) {
  if (!enabled) return t('scaling.off');
  const name = t(`scaling.policy.${policy}`);
  return t('scaling.on', { policy: name, threshold: formatMs(thresholdMs), minimum, maximum, standby });
}

/** The verdict of this moment. */
export function describeNow({ settings, verdict }: AutoscalerPicture, t: Translate): string {
  return settings.enabled ? t(`scaling.verdict.${verdict}`) : t('scaling.off');
}
