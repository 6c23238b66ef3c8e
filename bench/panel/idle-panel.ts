/** A panel on the fake engine with as many idle nodes as are wanted: prints what share of a core its process uses. */
import { PanelBench, ready, start } from '../../src/main/panel-bench.ts';

const [workers = 58, datanodes = 40, seconds = 8] = process.argv.slice(2).map(Number);
const bench = new PanelBench({ beats: true });
try {
  const panel = await bench.open();
  await start(panel, { workers, datanodes });
  await ready(panel);
  // A window that looks, as idle as the rest.
  const abort = new AbortController();
  const looking = (async () => {
    for await (const _ of panel.handlers['samples.follow'](undefined, abort.signal)) continue;
  })();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = process.cpuUsage();
  const begunMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) / 1_000 / (performance.now() - begunMs)}\n`);
  abort.abort();
  await looking;
} finally {
  await bench.close();
}
process.exit(0);
