/** Sends an expression to the cluster; shows its value, who computed it and how long it took. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { NotableRequest } from '../../../core/journal.ts';
import { calculate } from '../actions.ts';
import { useHasCluster } from '../stores/picture-store.ts';
import { useCalculation } from '../stores/requests-store.ts';
import { selectRequest } from '../stores/selection-store.ts';
import { useT } from '../stores/settings-store.ts';
import { formatMs } from '../ui/format.ts';
import { Answer } from './Answer.tsx';
import { CopyCurl } from './CopyCurl.tsx';
import { NodeChip } from './NodeChip.tsx';
import styles from './quick.module.css';
import { perform } from '../perform.ts';

export function CalculatorBox() {
  const t = useT();
  const [expression, setExpression] = useState('4 * (2 + 3)');
  const asked = useCalculation();
  const possible = useHasCluster();
  return (
    <form
      className={styles['box']}
      aria-label={t('calculator.title')}
      onSubmit={(event) => {
        event.preventDefault();
        if (expression.trim() !== '') perform(calculate(expression));
      }}
    >
      <div className={styles['row']}>
        <TextInput
          aria-label={t('calculator.expression')}
          value={expression}
          onChange={(event) => setExpression(event.currentTarget.value)}
          maxLength={1_000}
          spellCheck={false}
          w={190}
          styles={{ input: { fontFamily: 'var(--font-mono)' } }}
        />
        <Button type="submit" disabled={!possible} loading={asked.state === 'busy'}>
          {t('calculator.send')}
        </Button>
      </div>
      <Answer asked={asked} label={t('calculator.answer')} hint={t('calculator.hint')}>
        {(answer) => <Calculated answer={answer} />}
      </Answer>
    </form>
  );
}

function Calculated({ answer }: { answer: NotableRequest }) {
  const t = useT();
  if (answer.outcome !== 'ok') return <span>{answer.answer}</span>;
  return (
    <>
      <strong data-testid="calculator-result">{answer.answer}</strong>
      {answer.worker && (
        <span>
          {t('calculator.by')} <NodeChip node={answer.worker} />
        </span>
      )}
      <button
        type="button"
        className={styles['chip']}
        aria-label={t('request.show', { took: formatMs(answer.tookMs) })}
        onClick={() => selectRequest(answer.id)}
      >
        {formatMs(answer.tookMs)}
      </button>
      <CopyCurl curl={answer.curl} />
    </>
  );
}
