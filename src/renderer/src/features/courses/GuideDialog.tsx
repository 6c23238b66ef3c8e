/** The guide of a course in the reader's language: a file of docs/courses. */
import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Course } from '../../../../core/course/courses.ts';
import { perform } from '../../perform.ts';
import { useSettings, useT } from '../../stores/settings-store.ts';
import styles from './courses.module.css';
import { guideBlocks, type GuideBlock } from './guide-blocks.ts';

const GUIDES = import.meta.glob<string>('../../../../../docs/courses/*.md', { query: '?raw', import: 'default' });

export function GuideDialog({ course, onClose }: { course: Course; onClose: () => void }) {
  const t = useT();
  const { language } = useSettings();
  const [blocks, setBlocks] = useState<GuideBlock[]>([]);
  useEffect(() => {
    const read = GUIDES[`../../../../../docs/courses/${course}.${language}.md`];
    if (read) perform(read().then((text) => setBlocks(guideBlocks(text))));
  }, [course, language]);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t(`course.${course}`)}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={styles['guide']}>
        {blocks.map((block) => (
          <Block key={block.text} block={block} />
        ))}
      </div>
    </Modal>
  );
}

function Block({ block: { kind, text } }: { block: GuideBlock }) {
  switch (kind) {
    case 'heading':
      return <h3>{text}</h3>;
    case 'code':
      return <pre className={styles['code']}>{text}</pre>;
    case 'list':
      return (
        <ul>
          {text.split('\n').map((item) => (
            <li key={item}>
              <Inline text={item} />
            </li>
          ))}
        </ul>
      );
    case 'paragraph':
      return (
        <p>
          <Inline text={text} />
        </p>
      );
  }
}

/** Text in which backticks set code. */
function Inline({ text }: { text: string }) {
  return text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={part}>{part}</code>));
}
