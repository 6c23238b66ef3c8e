/**
 * The window under load: 20, 200 and 1,000 nodes with 2,000 requests/s in Chromium without a GPU, frames a
 * second standing and while the picture is dragged, memory over the run; and what the panel's own process
 * costs while 100 nodes do nothing. The window is the real bundle on the fake world, which lives in the
 * same page and so costs frames too.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Figures } from './measure.ts';
import { framesPerSecond, framesWhilePanning, heapBytes, openStage, type Stage } from './panel/window.ts';

const SIZES = [20, 200, 1_000] as const;
/** Waits of this bench are no waits for something: frames and bytes are counted over a time, after as long as this. */
const SETTLE_MS = 2_000;

export async function run({ quick, say }: { quick: boolean; say(line: string): void }): Promise<Figures> {
  const figures: Figures = {};
  const stage = await openStage();
  try {
    for (const nodes of SIZES) Object.assign(figures, await measure(stage, nodes, quick ? 3_000 : 8_000, say));
    figures['heap_growth'] = await heapGrowth(stage, quick ? 8_000 : 60_000, say);
  } finally {
    await stage.close();
  }
  figures['panel_idle_core_share'] = await idleShare(quick ? 5 : 20, say);
  return figures;
}

async function measure(stage: Stage, nodes: number, forMs: number, say: (line: string) => void): Promise<Figures> {
  const page = await stage.page(`scale-${nodes}`);
  await page.locator('.react-flow__node').first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  const fps = await framesPerSecond(page, forMs);
  const panning = await framesWhilePanning(page, forMs);
  say(`${nodes} nodes, 2,000 requests/s: ${fps.toFixed(1)} frames/s, ${panning.toFixed(1)} while panning`);
  await page.close();
  return { [`fps_${nodes}`]: fps, [`fps_panning_${nodes}`]: panning };
}

/** Live bytes at the end over those after the caches have filled. */
async function heapGrowth(stage: Stage, forMs: number, say: (line: string) => void): Promise<number> {
  const page = await stage.page('scale-200');
  await page.waitForTimeout(forMs / 2 + SETTLE_MS);
  const before = await heapBytes(page);
  await page.waitForTimeout(forMs);
  const after = await heapBytes(page);
  say(`200 nodes: heap ${(before / 1e6).toFixed(1)} MB, ${forMs / 1_000} s later ${(after / 1e6).toFixed(1)} MB`);
  await page.close();
  return after / before;
}

async function idleShare(seconds: number, say: (line: string) => void): Promise<number> {
  const program = path.join(import.meta.dirname, 'panel', 'idle-panel.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, '58', '40', String(seconds)]);
  const share = Number(stdout);
  say(
    `panel with 100 idle nodes (fake engine and monitors in its own process): ${(share * 100).toFixed(1)} % of a core`,
  );
  return share;
}
