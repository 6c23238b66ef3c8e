/** A panel that others can reach: its web host, and the file that says where it is. */
import { removePanelFile, writePanelFile } from './panel-file.ts';
import { startWebHost, type WebHost, type WebHostOptions } from './websocket-host.ts';

/** Starts the web host and writes panel.json into `home`; closing undoes both. Throws port-taken. */
export async function publishPanel(options: WebHostOptions & { home: string }): Promise<WebHost> {
  const host = await startWebHost(options);
  writePanelFile(options.home, { pid: process.pid, url: host.origin, token: host.token });
  return {
    ...host,
    close() {
      removePanelFile(options.home, process.pid);
      return host.close();
    },
  };
}
