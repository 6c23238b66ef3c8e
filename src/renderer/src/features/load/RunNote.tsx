/** The name of a kept run and what its author notes about it. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { LoadRunHead } from '../../../../core/load/load-run.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { Section } from '../../ui/Section.tsx';
import page from '../../ui/page.module.css';
import { annotateRun } from './load-store.ts';
import styles from './load.module.css';

export function RunNote({ head }: { head: LoadRunHead }) {
  const t = useT();
  const [text, setText] = useState({ run: head.run, name: head.name, note: head.note });
  if (text.run !== head.run) setText({ run: head.run, name: head.name, note: head.note });
  const changed = text.name !== head.name || text.note !== head.note;
  return (
    <Section title={t('load.note')}>
      <form
        className={`${page['pad'] ?? ''} ${styles['note'] ?? ''}`}
        onSubmit={(event) => {
          event.preventDefault();
          perform(annotateRun(head.run, text.name, text.note));
        }}
      >
        <TextInput
          label={t('load.name')}
          value={text.name}
          required
          onChange={(event) => setText({ ...text, name: event.currentTarget.value })}
        />
        <Textarea
          label={t('load.note')}
          value={text.note}
          autosize
          minRows={2}
          onChange={(event) => setText({ ...text, note: event.currentTarget.value })}
        />
        <Button type="submit" disabled={!changed || text.name === ''}>
          {t('load.save')}
        </Button>
      </form>
    </Section>
  );
}
