/** Where does my record lie, and can I still read it when one of these datanodes dies? */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from './fixtures.ts';

const run = promisify(execFile);

test('a record is read back after one of its datanodes was killed, and is whole again after the respawn', async ({
  window,
  shared: { api },
}) => {
  const { record, topology, inspector } = window;
  await record.put('greeting', 'hello, datanodes');
  await expect(record.replicas).toHaveCount(3);
  const replicas = await record.replicas.allInnerTexts();
  expect(await api.get('greeting')).toEqual({ value: 'hello, datanodes', version: '"1"', replicas });

  const [primary = ''] = replicas;
  await record.replicas.first().click();
  await inspector.act('Kill');
  await topology.expectState(primary, 'dead');
  await record.get('greeting', 'hello, datanodes');
  await expect(record.replicas).toHaveCount(2);
  expect(await record.replicas.allInnerTexts()).not.toContain(primary);

  await test.step('written while one of three is dead', () => record.put('greeting', 'still here'));
  await inspector.act('Respawn');
  await topology.expectState(primary, 'ready');
  await expect(async () => {
    await record.get('greeting', 'still here');
    await expect(record.replicas).toHaveCount(3, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  expect((await record.replicas.allInnerTexts()).sort()).toEqual([...replicas].sort());
});

test('the records page lists what is stored, on which datanodes, and deletes it', async ({
  window,
  shared: { api },
}) => {
  await api.put('fruit/apple', 'red');
  await window.open('Records');
  await window.records.refresh.click();
  await expect(window.records.row('fruit/apple')).toBeVisible();
  const { replicas } = await api.get('fruit/apple');
  expect(await window.records.replicas('fruit/apple').allInnerTexts()).toEqual(replicas);
  const listed = (await api.records()).records.map(({ key }) => key);
  await expect(window.records.table.getByRole('row')).toHaveCount(listed.length + 1);

  await window.page.getByRole('button', { name: 'Delete fruit/apple' }).click();
  await expect(window.records.row('fruit/apple')).toBeHidden();
  expect((await api.records()).records.map(({ key }) => key)).not.toContain('fruit/apple');
});

test('the copied curl of a read gives the record in a shell', async ({ window }) => {
  await window.record.put('from the shell', 'quotes \' and " too');
  await window.record.get('from the shell', 'quotes \' and " too');
  await window.record.copyCurl.click();
  const { stdout } = await run('sh', ['-c', await window.clipboard()]);
  expect(stdout).toMatch(/^HTTP\/1\.1 200 /);
  expect(stdout).toMatch(/^X-Record-Replicas: datanode-/m);
  expect(stdout.slice(stdout.indexOf('\r\n\r\n') + 4)).toBe('quotes \' and " too');
});

test('a record without a key or too large is refused in words', async ({ window }) => {
  const { record } = window;
  await record.form.getByRole('textbox', { name: 'Key' }).fill('k'.repeat(600));
  await record.form.getByRole('button', { name: 'Put' }).click();
  await expect(record.answer).toContainText('The record key is not valid');
  await record.form.getByRole('textbox', { name: 'Key' }).fill('');
  await expect(record.form.getByRole('button', { name: 'Put' })).toBeDisabled();
});
