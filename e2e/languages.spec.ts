/** Does it speak my language? */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { PAGE_NAMES } from './pages/orrery-window.ts';

const PAGES = {
  en: PAGE_NAMES.join(' '),
  fr: 'Topologie Battements Tâches Latence Charge Données Météo Réglages',
  es: 'Topología Latidos Tareas Latencia Carga Registros Tiempo Ajustes',
};
/** What a message looks like that has no text: its key in the catalogue. */
const RAW_KEY =
  /\b(?:action|actor|age|app|attempts|bar|bulk|calculator|cause|cluster|connection|copies|copy|countdown|detector|doctor|edge|engine|error|event|export|field|fruit|gaps|happening|heartbeats|hint|host|import|inspector|latency|load|logs|node|order|orders|outcome|page|palette|phase|phi|playback|progress|rail|record|records|recover|recovery|redrive|repair|request|role|roles|series|settings|shards|spawn|start|state|stop|store|task|tasks|timeline|topology|updates|verdict|verdicts|weather)\.[a-z][a-z0-9.-]*/;

/** All that the page says, to eyes and to screen readers. */
async function everythingSaid(page: Page): Promise<string> {
  return page.evaluate(() => {
    const labels = [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((element) =>
      ['aria-label', 'title', 'placeholder'].map((name) => element.getAttribute(name) ?? ''),
    );
    return [document.body.innerText, ...labels].join('\n');
  });
}

test('English, French and Spanish at once on every page, no key shows through, and the choice is kept', async ({
  own,
  openWindow,
}) => {
  const { panel } = await own.start({ args: ['--workers', '1', '--datanodes', '2'] });
  const { page, settings } = await openWindow(panel);
  const links = page.getByRole('navigation').getByRole('link');
  for (const language of ['fr', 'en', 'es'] as const) {
    await links.last().click();
    await settings.choose(language);
    expect((await links.allInnerTexts()).map((text) => text.trim()).join(' ')).toBe(PAGES[language]);
    for (const link of await links.all()) {
      await link.click();
      await expect(link).toHaveAttribute('aria-current', 'page');
      await expect(page.getByRole('main')).toHaveAccessibleName((await link.innerText()).trim());
      expect(await everythingSaid(page)).not.toMatch(RAW_KEY);
    }
  }

  await test.step('a browser that knows nothing gets the language from the panel', async () => {
    await page.evaluate(() => localStorage.clear());
    const next = await openWindow(panel);
    await expect(next.page.locator('html')).toHaveAttribute('lang', 'es');
  });
});
