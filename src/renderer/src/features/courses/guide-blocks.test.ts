import { expect, test } from 'vitest';
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
