/** Where the panel keeps its data: ORRERY_HOME, or the platform's folder for application data. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { OrreryError, toOrreryError } from '../../../containers/protocol/errors.ts';

export type Home = {
  folder: string;
  journal: string;
  /** Held by the panel that uses this home; see panel-lock.ts. */
  lock: string;
  clusters: string;
};

/** The folder that the environment asks for. */
export function homeFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const asked = env['ORRERY_HOME'];
  if (asked !== undefined && asked !== '') return path.resolve(asked);
  const user = homedir();
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? path.join(user, 'AppData', 'Local'), 'orrery');
  if (platform === 'darwin') return path.join(user, 'Library', 'Application Support', 'orrery');
  return path.join(env['XDG_DATA_HOME'] ?? path.join(user, '.local', 'share'), 'orrery');
}

/** Makes the folder, for this user alone. Throws `bad-usage` when it cannot be made. */
export function openHome(folder: string): Home {
  const clusters = path.join(folder, 'clusters');
  try {
    mkdirSync(clusters, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new OrreryError('bad-usage', {
      reason: `The data folder ${folder} cannot be made: ${toOrreryError(error).details['reason']}`,
    });
  }
  return {
    folder,
    journal: path.join(folder, 'journal.sqlite'),
    lock: path.join(folder, 'panel.lock'),
    clusters,
  };
}
