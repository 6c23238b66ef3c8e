/** What the person prefers. Kept by main (settings.*), with a copy in this browser for the first paint. */
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { LANGUAGES, preferredLanguage, translate, type Language, type Translate } from '../messages/i18n.ts';

export const THEMES = ['dark', 'light', 'auto'] as const;
type Theme = (typeof THEMES)[number];
export const MOTIONS = ['auto', 'full', 'reduced'] as const;
type Motion = (typeof MOTIONS)[number];

export type Settings = { language: Language; theme: Theme; motion: Motion };

const KEY = 'orrery.settings';

function oneOf<T extends string>(allowed: readonly T[], value: unknown, fallback: T): T {
  return allowed.find((item) => item === value) ?? fallback;
}

/** Settings from untrusted values; what is missing or odd keeps its value of `base`. */
export function readSettings(values: Record<string, unknown>, base: Settings): Settings {
  return {
    language: oneOf(LANGUAGES, values['language'], base.language),
    theme: oneOf(THEMES, values['theme'], base.theme),
    motion: oneOf(MOTIONS, values['motion'], base.motion),
  };
}

function initial(): Settings {
  const languages = typeof navigator === 'undefined' ? [] : navigator.languages;
  const base: Settings = { language: preferredLanguage(languages), theme: 'auto', motion: 'auto' };
  try {
    const kept: unknown = JSON.parse(globalThis.localStorage.getItem(KEY) ?? '{}');
    return readSettings(kept !== null && typeof kept === 'object' ? { ...kept } : {}, base);
  } catch {
    return base;
  }
}

export const settingsStore = createStore<Settings>(() => initial());

settingsStore.subscribe((settings) => {
  try {
    globalThis.localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Private windows refuse storage; main still keeps the settings.
  }
});

const translators = new Map<Language, Translate>();

function translator(language: Language): Translate {
  const known = translators.get(language);
  if (known) return known;
  const made: Translate = (key, values) => translate(language, key, values);
  translators.set(language, made);
  return made;
}

/** The translate function of the current language; the same function until the language changes. */
export function useT(): Translate {
  return translator(useStore(settingsStore, (settings) => settings.language));
}

/** For code outside React. */
export function currentT(): Translate {
  return translator(settingsStore.getState().language);
}

export function useSettings(): Settings {
  return useStore(settingsStore);
}

/** Whether things may move, from the setting and from what the system asks for. */
export function motionAllowed(): boolean {
  const { motion } = settingsStore.getState();
  if (motion !== 'auto') return motion === 'full';
  return !globalThis.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
