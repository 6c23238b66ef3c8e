/** Does it speak my language? */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { PAGE_NAMES } from './pages/orrery-window.ts';

const PAGES = {
  en: PAGE_NAMES.join(' '),
  fr: 'Topologie Battements Tâches Latence Charge Élastique Données Météo Cours Réglages',
  es: 'Topología Latidos Tareas Latencia Carga Elástico Registros Tiempo Cursos Ajustes',
};
/** What a message looks like that has no text: its key in the catalogue. */
const RAW_KEY =
  /\b(?:action|actor|age|app|attempts|balancing|bar|break|bulk|calculator|cause|cluster|connect|connection|copies|copy|countdown|course|courses|detector|diagnosis|doctor|edge|elastic|engine|error|event|expect|export|fault|faults|field|freeze|fruit|gaps|guest|happening|heartbeats|hint|host|import|inspector|latency|load|logs|measure|mend|node|order|orders|outcome|page|palette|phase|phi|playback|program|progress|rail|record|records|recover|recovery|redrive|remedy|repair|request|role|roles|scaling|series|settings|shards|span|spawn|start|state|stop|store|task|tasks|timeline|topology|tour|trace|updates|verdict|verdicts|waiting|weather|why)\.[a-z][a-z0-9.-]*/;

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
