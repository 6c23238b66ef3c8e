/** Looks a message up in the catalogue of a language and fills it in (ICU syntax, with plurals). */
import { IntlMessageFormat } from 'intl-messageformat';
import { en, type MessageKey } from './en/index.ts';
import { es } from './es/index.ts';
import { fr } from './fr/index.ts';

export const LANGUAGES = ['en', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];
/** Each language under its own name. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', fr: 'Français', es: 'Español' };

const catalogues: Record<Language, Record<MessageKey, string>> = { en, fr, es };
const compiled = new Map<string, IntlMessageFormat>();

export type MessageValues = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: MessageValues) => string;

/** The message for `key` in `language`. Values that the message does not name are ignored. */
export function translate(language: Language, key: MessageKey, values?: MessageValues): string {
  const text = catalogues[language][key];
  if (!text.includes('{')) return text;
  const id = `${language}:${key}`;
  let format = compiled.get(id);
  if (!format) {
    format = new IntlMessageFormat(text, language);
    compiled.set(id, format);
  }
  return String(format.format(values));
}

/** The best of our languages for what a browser prefers, in its order. */
export function preferredLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return 'en';
}
