import path from 'node:path';
import vm from 'node:vm';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { BRIDGE_GLOBAL, CONNECT_CHANNEL, PORT_MESSAGE } from '../contract/names.ts';

async function bundlePreload(): Promise<string> {
  const bundle = await rolldown({ input: path.join(import.meta.dirname, 'index.ts'), external: ['electron'] });
  const { output } = await bundle.generate({ format: 'cjs' });
  await bundle.close();
  expect(output.length).toBe(1);
  return output[0].code;
}

test('the preload runs with what a sandbox knows, asks for a port and hands it to its page', async () => {
  const exposed: Record<string, { connect(): void }> = {};
  const sent: string[] = [];
  const posted: unknown[] = [];
  let receive: (event: { ports: unknown[] }) => void = () => {};
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: { connect(): void }) => (exposed[name] = api) },
    ipcRenderer: {
      send: (channel: string) => sent.push(channel),
      on: (channel: string, listener: typeof receive) => {
        expect(channel).toBe(CONNECT_CHANNEL);
        receive = listener;
      },
    },
  };
  const sandbox = {
    exports: {},
    window: { location: { origin: 'app://ui' }, postMessage: (...args: unknown[]) => posted.push(args) },
    require: (name: string) => {
      if (name === 'electron') return electron;
      throw new Error(`a sandboxed preload cannot load ${name}`);
    },
  };
  vm.runInNewContext(await bundlePreload(), sandbox);

  expect(Object.keys(exposed)).toEqual([BRIDGE_GLOBAL]);
  exposed[BRIDGE_GLOBAL]?.connect();
  expect(sent).toEqual([CONNECT_CHANNEL]);
  receive({ ports: ['a port'] });
  expect(posted).toEqual([[PORT_MESSAGE, 'app://ui', ['a port']]]);
});
