/** The autoscaler's rule and bounds, changed while the cluster runs. */
import { Button, NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import {
  autoscalerBody,
  SCALED_WORKERS_MAX,
  SCALING_POLICIES,
  SHRINK_AFTER_MS_MAX,
  SHRINK_AFTER_MS_MIN,
  STANDBY_MAX,
  THRESHOLD_MS_MAX,
  THRESHOLD_MS_MIN,
  type AutoscalerChange,
  type AutoscalerSettings,
} from '../../../../../containers/protocol/autoscaler.ts';
import { attempt } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import styles from './elastic.module.css';

/** `factor`: of the unit that is shown, in that of the setting. */
const FIELDS = [
  {
    name: 'thresholdMs',
    label: 'elastic.thresholdMs',
    hint: 'elastic.hint.thresholdMs',
    unit: ' ms',
    factor: 1,
    min: THRESHOLD_MS_MIN,
    max: THRESHOLD_MS_MAX,
    step: 50,
  },
  {
    name: 'minimum',
    label: 'elastic.minimum',
    hint: null,
    unit: '',
    factor: 1,
    min: 1,
    max: SCALED_WORKERS_MAX,
    step: 1,
  },
  {
    name: 'maximum',
    label: 'elastic.maximum',
    hint: null,
    unit: '',
    factor: 1,
    min: 1,
    max: SCALED_WORKERS_MAX,
    step: 1,
  },
  {
    name: 'standby',
    label: 'elastic.standby-count',
    hint: 'elastic.hint.standby',
    unit: '',
    factor: 1,
    min: 0,
    max: STANDBY_MAX,
    step: 1,
  },
  {
    name: 'shrinkAfterMs',
    label: 'elastic.shrinkAfterMs',
    hint: 'elastic.hint.shrinkAfterMs',
    unit: ' s',
    factor: 1_000,
    min: SHRINK_AFTER_MS_MIN,
    max: SHRINK_AFTER_MS_MAX,
    step: 5,
  },
] as const;
type FieldName = (typeof FIELDS)[number]['name'];

export function ScalingForm({ settings }: { settings: AutoscalerSettings }) {
  const t = useT();
  /** What was typed and not applied yet; the rest shows what holds. In units of the settings. */
  const [draft, setDraft] = useState<Partial<Record<FieldName, number | string>>>({});
  const [busy, setBusy] = useState(false);
  const changed = FIELDS.filter(({ name }) => draft[name] !== undefined && draft[name] !== settings[name]);
  const change = autoscalerBody.safeParse(Object.fromEntries(changed.map(({ name }) => [name, draft[name]])));
  const refused = new Set(change.success ? [] : change.error.issues.map((issue) => issue.path[0]));
  const whole = { ...settings, ...(change.success ? change.data : {}) };
  const isDisordered = (whole.minimum ?? 0) > (whole.maximum ?? 0);
  const apply = async (wanted: AutoscalerChange): Promise<void> => {
    setBusy(true);
    const done = await attempt(() => getClient().call('autoscaler.set', wanted));
    setBusy(false);
    if (done) setDraft({});
  };
  const choose = (value: string | null): void => {
    const policy = SCALING_POLICIES.find((known) => known === value);
    if (policy !== undefined) perform(attempt(() => getClient().call('autoscaler.set', { policy })));
  };
  return (
    <form
      className={`${page['pad'] ?? ''} ${styles['form'] ?? ''}`}
      aria-label={t('elastic.settings')}
      onSubmit={(event) => {
        event.preventDefault();
        if (change.success && changed.length > 0 && !isDisordered) perform(apply(change.data));
      }}
    >
      <Select
        className={styles['policy'] ?? ''}
        label={t('elastic.policy')}
        data={SCALING_POLICIES.map((value) => ({ value, label: t(`scaling.policy.${value}`) }))}
        value={settings.policy}
        onChange={choose}
        allowDeselect={false}
      />
      {FIELDS.map(({ name, label, hint, unit, factor, min, max, step }) => {
        const value = draft[name] ?? settings[name];
        const range = t('detector.range', { min: min / factor, max: max / factor });
        const wrongOrder = isDisordered && (name === 'minimum' || name === 'maximum');
        return (
          <NumberInput
            key={name}
            label={t(label)}
            {...(hint === null ? {} : { title: t(hint) })}
            value={typeof value === 'number' ? value / factor : value}
            onChange={(typed) =>
              setDraft((known) => ({ ...known, [name]: typeof typed === 'number' ? typed * factor : typed }))
            }
            min={min / factor}
            max={max / factor}
            step={step}
            clampBehavior="none"
            suffix={unit}
            error={refused.has(name) ? range : wrongOrder ? t('elastic.order') : null}
          />
        );
      })}
      <div className={styles['formEnd']}>
        <Button type="submit" loading={busy} disabled={changed.length === 0 || !change.success || isDisordered}>
          {t('detector.apply')}
        </Button>
        <Button variant="subtle" disabled={changed.length === 0} onClick={() => setDraft({})}>
          {t('detector.reset')}
        </Button>
      </div>
      <p className={`dim ${styles['note'] ?? ''}`}>{t('elastic.note')}</p>
    </form>
  );
}
