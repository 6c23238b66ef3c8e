/** The user's settings: a name, any JSON value. */
import type { Db } from './database.ts';

export type SettingsTable = { read(): Record<string, unknown>; write(name: string, value: unknown): void };

export function settingsTable(db: Db): SettingsTable {
  const all = db.prepare<[], { name: string; value: string }>('SELECT name, value FROM settings ORDER BY name');
  const upsert = db.prepare<[string, string]>('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)');
  const drop = db.prepare<[string]>('DELETE FROM settings WHERE name = ?');
  return {
    read: () => Object.fromEntries(all.all().map((row) => [row.name, JSON.parse(row.value) as unknown])),
    write(name, value) {
      if (value === undefined || value === null) drop.run(name);
      else upsert.run(name, JSON.stringify(value));
    },
  };
}
