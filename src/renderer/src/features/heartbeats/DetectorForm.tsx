/** The parameters of the monitors' failure detectors, to be changed while they run. */
import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import {
  detectorBody,
  HEARTBEAT_INTERVAL_MS_MAX,
  HEARTBEAT_INTERVAL_MS_MIN,
  type DetectorChange,
} from '../../../../../containers/protocol/control.ts';
import { monitorOf, type Monitor } from '../../../../core/node-names.ts';
import type { NodePicture } from '../../../../core/cluster-picture.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { detectorOf, useSamplesTick } from '../../stores/samples-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { formatMs } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import styles from './heartbeats.module.css';

const FIELDS = [
  { name: 'heartbeatIntervalMs', unit: 'ms', min: HEARTBEAT_INTERVAL_MS_MIN, max: HEARTBEAT_INTERVAL_MS_MAX, step: 50 },
  { name: 'thresholdRoute', unit: 'φ', min: 0.5, max: 100, step: 0.5 },
  { name: 'thresholdDead', unit: 'φ', min: 0.5, max: 100, step: 0.5 },
  { name: 'pauseMs', unit: 'ms', min: 0, max: 60_000, step: 250 },
  { name: 'windowSize', unit: '', min: 2, max: 1_000, step: 10 },
] as const;
const MONITORS = ['master', 'headnode'] as const;
type FieldName = (typeof FIELDS)[number]['name'];

/** `nodes`: those that are looked at. The first one's monitor is shown until another is asked for. */
export function DetectorForm({ nodes }: { nodes: readonly NodePicture[] }) {
  const t = useT();
  const [first] = nodes;
  const [asked, setAsked] = useState<{ monitor: Monitor; at: string | undefined } | null>(null);
  const watching = (first && monitorOf(first.role)) ?? 'master';
  // Whoever looks at another node wants to see what watches that one.
  const monitor = asked?.at === first?.node ? (asked?.monitor ?? watching) : watching;
  return (
    <div className={`${page['pad'] ?? ''} ${styles['detector'] ?? ''}`}>
      <SegmentedControl
        aria-label={t('detector.monitor')}
        value={monitor}
        onChange={(value) => setAsked({ monitor: value as Monitor, at: first?.node })}
        data={MONITORS.map((value) => ({ value, label: t(`detector.monitor-${value}`) }))}
      />
      {MONITORS.map((watcher) => {
        const watched = nodes.filter(({ role }) => monitorOf(role) === watcher).map(({ node }) => node);
        if (watched.length === 0) return null;
        const told = { nodes: watched.join(', '), count: watched.length };
        return (
          <p key={watcher} className={`dim ${styles['note'] ?? ''}`}>
            {t(`detector.watched-${watcher}`, told)}
          </p>
        );
      })}
      <ParameterForm key={monitor} monitor={monitor} />
    </div>
  );
}

function ParameterForm({ monitor }: { monitor: Monitor }) {
  const t = useT();
  useSamplesTick();
  const parameters = detectorOf(monitor);
  /** What was typed and not applied yet; the rest shows what holds. */
  const [draft, setDraft] = useState<Partial<Record<FieldName, number | string>>>({});
  const [busy, setBusy] = useState(false);
  if (!parameters) return <p className="dim">{t(`detector.none-${monitor}`)}</p>;
  const changed = FIELDS.filter(({ name }) => draft[name] !== undefined && draft[name] !== parameters[name]);
  const change = detectorBody.safeParse(Object.fromEntries(changed.map(({ name }) => [name, draft[name]])));
  const refused = new Set(change.success ? [] : change.error.issues.map((issue) => issue.path[0]));
  const apply = async (wanted: DetectorChange): Promise<void> => {
    setBusy(true);
    const done = await attempt(() => getClient().call('detector.set', { monitor, ...wanted }));
    setBusy(false);
    if (done) setDraft({});
  };
  return (
    <form
      className={styles['form']}
      aria-label={t('detector.title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (change.success && changed.length > 0) perform(apply(change.data));
      }}
    >
      {FIELDS.map(({ name, unit, min, max, step }) => (
        <NumberInput
          key={name}
          label={t(`detector.${name}`)}
          description={`${min}–${max}${unit === '' ? '' : ` ${unit}`}`}
          value={draft[name] ?? parameters[name]}
          onChange={(value) => setDraft((known) => ({ ...known, [name]: value }))}
          min={min}
          max={max}
          step={step}
          clampBehavior="none"
          suffix={unit === '' ? '' : ` ${unit}`}
          error={refused.has(name) ? t('detector.range', { min, max }) : null}
        />
      ))}
      <div className={styles['formEnd']}>
        <Button type="submit" loading={busy} disabled={changed.length === 0 || !change.success}>
          {t('detector.apply')}
        </Button>
        <Button variant="subtle" disabled={changed.length === 0} onClick={() => setDraft({})}>
          {t('detector.reset')}
        </Button>
      </div>
      <p className={`dim ${styles['note'] ?? ''}`}>
        {t(`detector.text-${monitor}`, { sigma: formatMs(parameters.sigmaMinMs) })}
      </p>
    </form>
  );
}
