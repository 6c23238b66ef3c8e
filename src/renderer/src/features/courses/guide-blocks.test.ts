import { expect, test } from 'vitest';
import { addressesWith, COURSES, curlsOf, PRESETS } from '../../../../core/course/courses.ts';
import { guideBlocks } from './guide-blocks.ts';

test('headings, paragraphs, lists and code, without the title', () => {
  const text = '# Title\n\nOne\ntwo.\n\n## Part\n\n- a\n  b\n- `c`\n\n```sh\ncurl x\n\ncurl y\n```\n\nEnd.\n';
  expect(guideBlocks(text)).toEqual([
    { kind: 'paragraph', text: 'One two.' },
    { kind: 'heading', text: 'Part' },
    { kind: 'list', text: 'a b\n`c`' },
    { kind: 'code', text: 'curl x\n\ncurl y' },
    { kind: 'paragraph', text: 'End.' },
  ]);
});

const guides = import.meta.glob<string>('../../../../../docs/courses/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});

test.each(COURSES)('the guides of %s call it as its card does', (course) => {
  const [first] = curlsOf(course, addressesWith(PRESETS[course].ports, 'http://127.0.0.1:5000'));
  for (const language of ['en', 'fr', 'es']) {
    const text = guides[`../../../../../docs/courses/${course}.${language}.md`] ?? '';
    const code = guideBlocks(text).filter(({ kind }) => kind === 'code');
    expect(
      code.map((block) => block.text),
      language,
    ).toEqual([first]);
  }
});
