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

test('a record is read, written on condition, verified, deleted and brought back', async ({
  window,
  shared: { api },
}) => {
  const { records } = window;
  await window.open('Records');
  await records.create('desk/lamp', '{"on":true}');
  await records.browse('desk/');
  await expect(records.row('desk/lamp')).toBeVisible();
  await expect(records.value).toHaveText('{"on":true}');

  await test.step('somebody else writes in between: refused in words, nothing is overwritten', async () => {
    await window.page.getByRole('button', { name: 'Edit', exact: true }).click();
    await api.put('desk/lamp', '{"on":false}');
    await records.write();
    await expect(window.page.getByRole('form', { name: 'Edit' })).toContainText('version');
    expect(await api.get('desk/lamp')).toMatchObject({ value: '{"on":false}', version: '"2"' });
    await records.press('Cancel');
    await records.press('Read again');
    await expect(records.value).toHaveText('{"on":false}');
  });
  await records.edit('dimmed');
  await expect(records.value).toHaveText('dimmed');
  expect(await api.get('desk/lamp')).toMatchObject({ value: 'dimmed', version: '"3"' });

  await records.press('Verify now');
  await expect(records.verdict).toContainText('All 3 copies are sound and equal.');
  await expect(records.copies.getByRole('row').filter({ hasText: 'primary' })).toHaveCount(1);
  await expect(records.copies.getByText('sound')).toHaveCount(3);

  await records.press('Delete desk/lamp');
  await expect(records.row('desk/lamp')).toBeHidden();
  await records.press('Undo');
  await expect(records.row('desk/lamp')).toBeVisible();
  expect(await api.get('desk/lamp')).toMatchObject({ value: 'dimmed', version: '"5"' });
});

test('a datanode dies: its shards are short, then whole again, and the chain says why', async ({ window }) => {
  const { records, inspector, topology } = window;
  await window.open('Records');
  await records.showShards();
  await expect(records.state).toContainText('All 64 shards have 3 copies', { timeout: 30_000 });
  await records.shards.getByRole('rowheader', { name: 'datanode-2' }).click();
  await inspector.act('Kill');
  await expect(records.state).toContainText('64 of 64 shards below 3 copies');
  await expect(records.recovery).toContainText('datanode-2');
  await expect(records.recovery).toContainText('waits for a datanode');
  await expect(records.shards.getByRole('gridcell', { name: /^datanode-2, shard \d+: copy lost$/ })).toHaveCount(64);

  await inspector.act('Respawn');
  await expect(records.state).toContainText('All 64 shards have 3 copies', { timeout: 60_000 });
  const steps = ['End of datanode-2, asked for by you', 'declared datanode-2 dead', 'datanode-2 was launched again'];
  for (const step of [...steps, '64 copies finished', '64 views count the new copies'])
    await expect(records.chain).toContainText(step);
  await expect(records.recovery).toContainText('Last exposure');
  await window.open('Topology');
  await topology.expectState('datanode-2', 'ready');
});
