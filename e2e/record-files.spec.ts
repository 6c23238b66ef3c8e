/** Can I bring my records along in a file, and take them away again? In a browser: elsewhere the system asks where to. */
import { expect, test } from './fixtures.ts';

test('a file with one bad row: the others are written, and an export gives back what was written', async ({
  window,
  shared: { api },
}) => {
  const { records } = window;
  await window.open('Records');
  const rows = [
    'box/a,text/plain,text,"one, ""two"""',
    'box/b,image/png,base64,iVBORw0KGgo=',
    ',text/plain,text,nobody',
  ];
  const results = await records.import('box.csv', ['key,content_type,encoding,value', ...rows].join('\n'), 2);
  await expect(results.getByText('2 written, 1 refused, 0 unknown, 0 not sent')).toBeVisible();
  await expect(results.getByRole('row').filter({ hasText: 'The record key is not valid' })).toHaveCount(1);
  await results.getByRole('button', { name: 'Close' }).click();
  expect((await api.get('box/a')).value).toBe('one, "two"');

  const csv = (await records.export('box/', 'CSV')).trimEnd().split('\r\n');
  expect(csv.map((row) => row.split(',1,20')[0])).toEqual([
    'key,content_type,encoding,value,version,updated_at',
    ...rows.slice(0, 2),
  ]);
  const json = JSON.parse(await records.export('box/', 'JSON')) as { records: Record<string, unknown>[] };
  expect(json.records).toMatchObject([
    { key: 'box/a', contentType: 'text/plain', value: 'one, "two"', version: 1 },
    { key: 'box/b', contentType: 'image/png', valueBase64: 'iVBORw0KGgo=', version: 1 },
  ]);
});
