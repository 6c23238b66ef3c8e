/** Names of the lanes with their counts, and the buttons that grow them. They stay in sight while the picture moves. */
import { ActionIcon, Button, NumberInput } from '@mantine/core';
import { useViewport } from '@xyflow/react';
import { IconFocus2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { SpawnableRole } from '../../../../../containers/protocol/roles.ts';
import { selectRole, spawnNodes } from '../../actions.ts';
import { usePicture } from '../../stores/picture-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { stickyTops, type Lane } from './layout.ts';
import styles from './topology.module.css';
import { perform } from '../../perform.ts';

const SPAWNABLE_HEIGHT = 92;
const PLAIN_HEIGHT = 36;

export function LaneHeaders({ lanes, height, disabled }: { lanes: Lane[]; height: number; disabled: boolean }) {
  const { y, zoom } = useViewport();
  const heights = lanes.map(({ role }) => (isSpawnable(role) ? SPAWNABLE_HEIGHT : PLAIN_HEIGHT));
  const tops = stickyTops(
    lanes.map((lane) => lane.top * zoom + y),
    heights,
    height,
  );
  return (
    <>
      <div aria-hidden="true">
        {lanes.slice(1).map((lane) => (
          <div
            key={lane.role}
            className={styles['rule']}
            style={{ transform: `translateY(${lane.top * zoom + y}px)` }}
          />
        ))}
      </div>
      <div className={styles['headers']}>
        {lanes.map((lane, at) => (
          <div key={lane.role} className={styles['header']} style={{ transform: `translateY(${tops[at] ?? 0}px)` }}>
            <LaneTitle role={lane.role} />
            {isSpawnable(lane.role) && <Spawn role={lane.role} disabled={disabled} />}
          </div>
        ))}
      </div>
    </>
  );
}

const isSpawnable = (role: Lane['role']): role is SpawnableRole => role === 'worker' || role === 'datanode';

function LaneTitle({ role }: { role: Lane['role'] }) {
  const t = useT();
  const ready = usePicture((picture) => picture.nodes.filter((n) => n.role === role && n.state === 'ready').length);
  const all = usePicture((picture) => picture.nodes.filter((n) => n.role === role).length);
  return (
    <div className={styles['laneTitle']}>
      <h2>{t(isSpawnable(role) ? `roles.${role}` : `role.${role}`)}</h2>
      {isSpawnable(role) && (
        <>
          <span className={styles['laneCount']} data-testid={`count-${role}`} data-all={ready === all}>
            {ready === all ? all : `${ready}/${all}`}
          </span>
          <ActionIcon size={22} aria-label={t(`action.select-all.${role}`)} onClick={() => selectRole(role)}>
            <IconFocus2 size={14} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}

function Spawn({ role, disabled }: { role: SpawnableRole; disabled: boolean }) {
  const t = useT();
  const [count, setCount] = useState<number>(1);
  return (
    <form
      className={styles['spawn']}
      onSubmit={(event) => {
        event.preventDefault();
        perform(spawnNodes(role, count));
      }}
    >
      <NumberInput
        aria-label={t(`spawn.count.${role}`)}
        value={count}
        onChange={(value) => setCount(Math.max(1, Number(value) || 1))}
        min={1}
        max={100}
        clampBehavior="strict"
        allowDecimal={false}
        w={56}
        classNames={{ input: styles['spawnCount'] ?? '' }}
        disabled={disabled}
      />
      <Button type="submit" disabled={disabled} aria-label={t(`spawn.${role}`)}>
        {t('action.spawn')}
      </Button>
    </form>
  );
}
