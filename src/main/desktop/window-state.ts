/** Where the window was, kept for the next start: pure decisions, and the one file they go to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

type Rectangle = { x: number; y: number; width: number; height: number };
export type WindowState = { bounds: Rectangle; maximized: boolean };

const whole = z.number().int().min(-100_000).max(100_000);
const windowState = z.object({
  bounds: z.object({ x: whole, y: whole, width: whole, height: whole }),
  maximized: z.boolean(),
});

export const SIZE = { width: 1_360, height: 860, minWidth: 720, minHeight: 480 };
/** So much of the title bar must be on a screen, or the window cannot be moved back. */
const REACHABLE_PX = 80;

/**
 * Where the window opens: as it was, no larger than its screen, and in the middle of the first screen
 * (x and y absent) when the one it was on has gone.
 * @param screens what of each screen windows may cover
 */
export function placeWindow(kept: WindowState | null, screens: readonly Rectangle[]): Partial<Rectangle> {
  if (kept === null) return { width: SIZE.width, height: SIZE.height };
  const { bounds } = kept;
  const on = screens.find((screen) => shows(screen, bounds));
  const room = on ?? screens[0] ?? bounds;
  const size = {
    width: Math.max(SIZE.minWidth, Math.min(bounds.width, room.width)),
    height: Math.max(SIZE.minHeight, Math.min(bounds.height, room.height)),
  };
  return on === undefined ? size : { x: bounds.x, y: bounds.y, ...size };
}

/** Whether enough of the window's upper edge is on `screen`. */
function shows(screen: Rectangle, window: Rectangle): boolean {
  const left = Math.max(screen.x, window.x);
  const right = Math.min(screen.x + screen.width, window.x + window.width);
  return right - left >= REACHABLE_PX && window.y >= screen.y && window.y < screen.y + screen.height - REACHABLE_PX / 2;
}

/** What was kept; null at the first start, or when the file is not what we wrote. */
export function readWindowState(file: string): WindowState | null {
  try {
    return windowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** A place that cannot be kept costs a window in the middle next time, nothing more. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  } catch {
    // As said.
  }
}
