/** The boxes of a plan, and the button that starts it. */
import { Button, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { defaultWarmupMs, PLAN_LIMITS } from '../../../../core/load/load-plan.ts';
import { isOver } from '../../../../core/load/load-run.ts';
import { formatDuration } from '../../../../core/load/plan-text.ts';
import { remoteHost } from '../../../../core/load/remote-host.ts';
import { perform } from '../../perform.ts';
import { useHasCluster } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { presetDraft, PRESETS, readDraft, shapeOf, SHAPES, TARGETS, type Draft, type DraftProblems } from './draft.ts';
import { ExperimentBox } from './Experiment.tsx';
import { changeDraft, loadStore, startLoad, useLoad } from './load-store.ts';
import { RemoteCheck } from './RemoteCheck.tsx';
import { ShapePreview } from './ShapePreview.tsx';
import styles from './load.module.css';

export function SetUp() {
  const t = useT();
  const draft = useLoad((state) => state.draft);
  const busy = useLoad((state) => state.live !== null && !isOver(state.live.head.state));
  const hasCluster = useHasCluster();
  const [typedHost, setTypedHost] = useState('');
  const { plan, problems } = useMemo(() => readDraft(draft, 'preview'), [draft]);
  const host = plan === null ? null : remoteHost(plan.target);
  const blocked = draft.target !== 'http' && !hasCluster;
  const start = (): void => {
    const fresh = readDraft(draft, crypto.randomUUID().slice(0, 8)).plan;
    if (fresh !== null) perform(startLoad(fresh, draft.name, host === null ? null : typedHost));
  };
  return (
    <>
      <form
        className={styles['form']}
        aria-label={t('load.set-up')}
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <PresetSelect />
        <TargetFields draft={draft} problems={problems} />
        <LoopFields draft={draft} problems={problems} />
        <TimeFields draft={draft} problems={problems} />
        <TextInput
          label={t('load.word.thresholds')}
          description={t('load.thresholds-hint')}
          value={draft.thresholds}
          error={problems.thresholds}
          onChange={(event) => changeDraft({ thresholds: event.currentTarget.value })}
        />
        <TextInput
          label={t('load.name')}
          placeholder={t('load.name-hint')}
          value={draft.name}
          onChange={(event) => changeDraft({ name: event.currentTarget.value })}
        />
        {host !== null && <RemoteCheck host={host} typed={typedHost} onType={setTypedHost} />}
        {blocked && <p className={styles['hint']}>{t('load.no-cluster')}</p>}
        <Button
          type="submit"
          variant="filled"
          size="sm"
          disabled={busy || blocked || plan === null || (host !== null && typedHost !== host)}
        >
          {t('load.start')}
        </Button>
      </form>
      <ExperimentBox />
    </>
  );
}

function PresetSelect() {
  const t = useT();
  const [chosen, setChosen] = useState('');
  return (
    <Select
      label={t('load.preset')}
      data={[
        { value: '', label: t('load.preset.none') },
        ...PRESETS.map((value) => ({ value, label: t(`load.preset.${value}`) })),
      ]}
      value={chosen}
      onChange={(value) => {
        const preset = PRESETS.find((known) => known === value);
        setChosen(preset ?? '');
        if (preset) loadStore.setState({ draft: presetDraft(preset) });
      }}
    />
  );
}

type FieldProps = { draft: Draft; problems: DraftProblems };

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'];

function TargetFields({ draft, problems }: FieldProps) {
  const t = useT();
  const isTask = draft.target === 'sync' || draft.target === 'durable';
  return (
    <>
      <Select
        label={t('load.word.target')}
        data={TARGETS.map((value) => ({ value, label: t(`load.target.${value}`) }))}
        value={draft.target}
        onChange={(value) => changeDraft({ target: TARGETS.find((known) => known === value) ?? 'sync' })}
      />
      {isTask && (
        <TextInput
          label={t('load.work')}
          description={t('load.work-hint')}
          value={draft.work}
          error={problems.work}
          onChange={(event) => changeDraft({ work: event.currentTarget.value.trim() })}
        />
      )}
      {draft.target === 'http' && (
        <>
          <div className={styles['pair']}>
            <Select
              label={t('load.method')}
              data={METHODS}
              value={draft.method}
              onChange={(value) => changeDraft({ method: value ?? 'GET' })}
            />
            <TextInput
              label={t('load.body')}
              value={draft.body}
              onChange={(event) => changeDraft({ body: event.currentTarget.value })}
            />
          </div>
          <TextInput
            label={t('load.url')}
            value={draft.url}
            error={problems.url}
            onChange={(event) => changeDraft({ url: event.currentTarget.value.trim() })}
          />
        </>
      )}
    </>
  );
}

function LoopFields({ draft, problems }: FieldProps) {
  const t = useT();
  return (
    <>
      <div>
        <SegmentedControl
          fullWidth
          aria-label={t('load.loop')}
          data={(['open', 'closed'] as const).map((value) => ({ value, label: t(`load.loop.${value}`) }))}
          value={draft.loop}
          onChange={(value) => changeDraft({ loop: value === 'closed' ? 'closed' : 'open' })}
        />
        <p className={styles['hint']}>{t(`load.loop-hint.${draft.loop}`)}</p>
      </div>
      {draft.loop === 'open' ? (
        <OpenFields draft={draft} problems={problems} />
      ) : (
        <ClosedFields draft={draft} problems={problems} />
      )}
    </>
  );
}

function OpenFields({ draft, problems }: FieldProps) {
  const t = useT();
  const { shape } = draft;
  const takesArgument = shape !== 'constant' && shape !== 'poisson';
  const { plan } = readDraft(draft, 'preview');
  return (
    <>
      <div className={styles['pair']}>
        <NumberInput
          label={t('load.rate')}
          value={draft.rate}
          min={0}
          max={PLAN_LIMITS.rateMax}
          onChange={(value) => changeDraft({ rate: Number(value) || 0 })}
        />
        <Select
          label={t('load.word.shape')}
          data={SHAPES.map((value) => ({ value, label: t(`load.shape.${value}`) }))}
          value={shape}
          onChange={(value) => changeDraft({ shape: SHAPES.find((known) => known === value) ?? 'poisson' })}
        />
      </div>
      {takesArgument && (
        <TextInput
          label={t(`load.shape-arg.${shape}`)}
          value={draft.shapeArguments[shape]}
          error={problems.shape}
          onChange={(event) =>
            changeDraft({ shapeArguments: { ...draft.shapeArguments, [shape]: event.currentTarget.value } })
          }
        />
      )}
      {plan?.loop.kind === 'open' && (
        <ShapePreview
          load={{ rate: plan.loop.rate, shape: shapeOf(draft, plan.durationMs) }}
          durationMs={plan.durationMs}
        />
      )}
    </>
  );
}

function ClosedFields({ draft, problems }: FieldProps) {
  const t = useT();
  return (
    <div className={styles['pair']}>
      <NumberInput
        label={t('load.users')}
        value={draft.users}
        min={1}
        max={PLAN_LIMITS.usersMax}
        onChange={(value) => changeDraft({ users: Number(value) || 1 })}
      />
      <TextInput
        label={t('load.think')}
        value={draft.think}
        error={problems.think}
        onChange={(event) => changeDraft({ think: event.currentTarget.value.trim() })}
      />
    </div>
  );
}

function TimeFields({ draft, problems }: FieldProps) {
  const t = useT();
  const { plan } = readDraft({ ...draft, warmup: '' }, 'preview');
  return (
    <>
      <div className={styles['pair']}>
        <TextInput
          label={t('load.word.duration')}
          value={draft.duration}
          error={problems.duration}
          onChange={(event) => changeDraft({ duration: event.currentTarget.value.trim() })}
        />
        <TextInput
          label={t('load.warmup')}
          value={draft.warmup}
          error={problems.warmup}
          placeholder={formatDuration(defaultWarmupMs(plan?.durationMs ?? 60_000))}
          onChange={(event) => changeDraft({ warmup: event.currentTarget.value.trim() })}
        />
      </div>
      <div className={styles['pair']}>
        <TextInput
          label={t('load.word.timeout')}
          value={draft.timeout}
          error={problems.timeout}
          onChange={(event) => changeDraft({ timeout: event.currentTarget.value.trim() })}
        />
        <TextInput
          label={t('load.requests')}
          value={draft.requests}
          onChange={(event) => changeDraft({ requests: event.currentTarget.value.replace(/\D/g, '') })}
        />
      </div>
    </>
  );
}
