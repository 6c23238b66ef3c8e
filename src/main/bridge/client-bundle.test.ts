import path from 'node:path';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';

test('the client brings no schema and nothing of Node into the window', async () => {
  const bundle = await rolldown({
    input: path.resolve(import.meta.dirname, '../../contract/rpc/client.ts'),
    platform: 'browser',
  });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  const [entry] = output;
  const outside = entry.moduleIds.filter((id) => !/[\\/](contract[\\/]rpc|protocol)[\\/]/.test(id));
  expect({ outside, imports: entry.imports, chunks: output.length }).toEqual({ outside: [], imports: [], chunks: 1 });
});
