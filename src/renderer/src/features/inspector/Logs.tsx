/** The output of a node, live: newest last, with a filter. */
import { ActionIcon, Switch, TextInput, Tooltip } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { copyText } from '../../actions.ts';
import { getClient } from '../../bridge.ts';
import type { LogPush } from '../../../../contract/contract.ts';
import { createFrameBatcher } from '../../stores/frame-batcher.ts';
import { useT } from '../../stores/settings-store.ts';
import styles from './inspector.module.css';
import { perform } from '../../perform.ts';

const LINES_KEPT = 1_000;
const LINES_SHOWN = 300;

type Line = LogPush & { number: number };

/** Lines of `node` as they come; `ended` once its container is gone. */
function useLogLines(node: string): { lines: Line[]; ended: boolean } {
  const [lines, setLines] = useState<Line[]>([]);
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const stopping = new AbortController();
    let count = 0;
    const add = createFrameBatcher<LogPush>((batch) => {
      if (stopping.signal.aborted) return;
      const numbered = batch.map((line) => ({ ...line, number: (count += 1) }));
      setLines((known) => [...known, ...numbered].slice(-LINES_KEPT));
    });
    const read = async (): Promise<void> => {
      const stream = getClient().stream('nodes.logs', { node, tailLines: 200, follow: true }, stopping.signal);
      for await (const line of stream) add([line]);
    };
    read()
      .catch(() => undefined)
      .finally(() => setEnded(true));
    return () => stopping.abort();
  }, [node]);
  return { lines, ended };
}

export function Logs({ node }: { node: string }) {
  const t = useT();
  const { lines, ended } = useLogLines(node);
  const [filter, setFilter] = useState('');
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const wanted = filter.trim().toLowerCase();
  const shown = lines.filter((line) => line.text.toLowerCase().includes(wanted)).slice(-LINES_SHOWN);
  useEffect(() => {
    if (follow) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [shown.length, lines, follow]);
  return (
    <section className={styles['logs']} aria-label={t('logs.title')}>
      <div className={styles['logsHead']}>
        <h3>{t('logs.title')}</h3>
        <Switch
          label={t('logs.follow')}
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <Tooltip label={t('logs.copy')}>
          <ActionIcon
            aria-label={t('logs.copy')}
            onClick={() => perform(copyText(shown.map((line) => line.text).join('\n')))}
          >
            <IconCopy size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TextInput
        aria-label={t('logs.filter')}
        placeholder={t('logs.filter')}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <div className={styles['lines']} ref={box} role="log" aria-label={t('logs.lines', { node })} tabIndex={0}>
        {shown.map((line) => (
          <div key={line.number} data-stream={line.stream}>
            {line.text}
          </div>
        ))}
        {ended && <div className="dim">{t('logs.ended')}</div>}
      </div>
    </section>
  );
}
