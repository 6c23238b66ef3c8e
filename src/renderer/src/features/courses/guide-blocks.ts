/** The little of Markdown that the guides use: headings, paragraphs, lists, fenced code. */

/** Items of a list are its lines. */
export type GuideBlock = { kind: 'heading' | 'paragraph' | 'list' | 'code'; text: string };

/** The blocks of a guide, without its title. */
export function guideBlocks(markdown: string): GuideBlock[] {
  const blocks: GuideBlock[] = [];
  for (const [at, part] of markdown.split(/^```\w*\n([\s\S]*?)^```$/m).entries()) {
    if (at % 2 === 1) blocks.push({ kind: 'code', text: part.trimEnd() });
    else for (const text of part.split(/\n{2,}/)) if (text.trim() !== '') blocks.push(blockOf(text.trim()));
  }
  return blocks.filter(({ kind, text }) => kind !== 'heading' || !text.startsWith('# ')).map(withoutMarks);
}

function blockOf(text: string): GuideBlock {
  if (text.startsWith('#')) return { kind: 'heading', text };
  if (!text.startsWith('- ')) return { kind: 'paragraph', text: text.replaceAll(/\s*\n\s*/g, ' ') };
  const items = text.split(/\n(?=- )/).map((item) => item.slice(2).replaceAll(/\s*\n\s*/g, ' '));
  return { kind: 'list', text: items.join('\n') };
}

const withoutMarks = ({ kind, text }: GuideBlock): GuideBlock => ({
  kind,
  text: kind === 'heading' ? text.replace(/^#+\s*/, '') : text,
});
