import { expect, test } from 'vitest';
import { nodeSettings } from './node-settings.ts';

test('the mode of the store comes from the environment of the panel, and a setting goes before it', () => {
  const environment = { ORRERY_STORE_MODE: 'eventual', ORRERY_DATA: '/elsewhere' };
  expect(nodeSettings({}, environment)).toEqual({ ORRERY_STORE_MODE: 'eventual' });
  const settings = { 'node.ORRERY_STORE_MODE': 'linearizable', theme: 'dark' };
  expect(nodeSettings(settings, environment)).toEqual({ ORRERY_STORE_MODE: 'linearizable' });
  expect(nodeSettings({}, { ORRERY_STORE_MODE: 'sometimes' })).toEqual({});
});
