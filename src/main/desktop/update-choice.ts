/** Whether a new version is worth a word: pure. Nothing is ever fetched or installed by itself. */

/** The person's settings about updates, by their names in the settings. */
export type UpdateSettings = {
  /** `off`: nobody is asked for new versions. */
  mode: 'notify' | 'off';
  /** A version that is not to be told again. */
  skipped: string | null;
  /** The line that this installation stays on, as `1.2`; null: any. */
  line: string | null;
};

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/** Reads settings that may be missing or odd. */
export function readUpdateSettings(settings: Readonly<Record<string, unknown>>): UpdateSettings {
  const { 'updates.mode': mode, 'updates.skipped': skipped, 'updates.line': line } = settings;
  return {
    mode: mode === 'off' ? 'off' : 'notify',
    skipped: typeof skipped === 'string' && VERSION.test(skipped) ? skipped : null,
    line: typeof line === 'string' && /^\d+\.\d+$/.test(line) ? line : null,
  };
}

/** Whether the person is told of `offered` while `current` runs. Versions that are no plain releases are never told. */
export function isWorthTelling(settings: UpdateSettings, current: string, offered: string): boolean {
  const { mode, skipped, line } = settings;
  if (mode === 'off' || offered === skipped) return false;
  if (line !== null && lineOf(offered) !== line) return false;
  return isNewer(offered, current);
}

/** `1.2` of `1.2.3`. */
export const lineOf = (version: string): string => version.split('.').slice(0, 2).join('.');

function isNewer(offered: string, current: string): boolean {
  const [a, b] = [VERSION.exec(offered), VERSION.exec(current)];
  if (!a || !b) return false;
  for (const part of [1, 2, 3]) if (Number(a[part]) !== Number(b[part])) return Number(a[part]) > Number(b[part]);
  return false;
}
