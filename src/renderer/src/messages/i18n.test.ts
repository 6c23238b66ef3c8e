import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, test } from 'vitest';
import { en, type MessageKey } from './en/index.ts';
import { es } from './es/index.ts';
import { fr } from './fr/index.ts';
import { preferredLanguage, translate } from './i18n.ts';

const keys = Object.keys(en) as MessageKey[];
/** Names of the values that a message wants. */
const namesIn = (text: string): string[] => {
  const names = new Set<string>();
  const walk = (elements: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const element of elements) {
      if ('value' in element && typeof element.value === 'string' && element.type !== 0) names.add(element.value);
      if ('options' in element) for (const option of Object.values(element.options)) walk(option.value);
    }
  };
  walk(new IntlMessageFormat(text).getAst());
  return [...names].sort();
};

describe.each([
  ['fr', fr],
  ['es', es],
] as const)('the catalogue %s', (_language, catalogue) => {
  test('wants no other values than the English one', () => {
    const strange = keys.filter(
      (key) => key !== 'error.todo' && namesIn(catalogue[key]).join() !== namesIn(en[key]).join(),
    );
    expect(strange).toEqual([]);
  });

  test('has nothing empty, and no straight apostrophe, which would quote in ICU', () => {
    expect(keys.filter((key) => catalogue[key].trim() === '' || catalogue[key].includes("'"))).toEqual([]);
  });
});

describe('translate', () => {
  test('fills values in and counts', () => {
    expect(translate('en', 'bulk.selected', { count: 1 })).toBe('1 node selected');
    expect(translate('fr', 'bulk.selected', { count: 3 })).toBe('3 nœuds sélectionnés');
    expect(translate('es', 'action.select-node', { node: 'worker-1' })).toBe('Seleccionar worker-1');
  });
});

test.each([
  [['de-DE', 'fr-CA', 'en'], 'fr'],
  [['es-MX'], 'es'],
  [['ja'], 'en'],
  [[], 'en'],
])('of %j we speak %s', (preferred, expected) => expect(preferredLanguage(preferred)).toBe(expected));
