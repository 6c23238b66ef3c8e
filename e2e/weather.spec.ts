/** What is the weather, which way does a lookup take through the cluster, and what is kept of it? */
import AxeBuilder from '@axe-core/playwright';
import { FakeOpenMeteo } from '../containers/worker/fake-open-meteo.ts';
import { expect, test } from './fixtures.ts';
import { TestPostgres } from '../src/main/weather/test-postgres.ts';
import { WeatherPage } from './pages/weather-page.ts';

test('a city is looked up by a worker and stored on datanodes; the window shows the way', async ({
  window,
  shared: { api },
}) => {
  await window.open('Weather');
  const weather = new WeatherPage(window.page);
  await weather.choose('Demonstration');
  await weather.lookUp('Reykjavik');
  await weather.expectFound('Reykjavík');
  await expect(weather.temperature).toHaveText(/^−?\d+\.\d °C$/);
  await expect(weather.source).toHaveText('Demonstration');
  await expect(weather.current).toContainText('made up by a model, not measured');
  await expect(weather.way.getByTestId('way-from')).toHaveText('fetched from the source');
  await expect(weather.way.getByRole('button', { name: /^worker-\d$/ })).toHaveCount(1);
  await expect(weather.way.getByRole('button', { name: /^datanode-\d$/ })).toHaveCount(3);
  const key = await weather.record.innerText();
  expect(key).toMatch(/^weather\/reykjavik\/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const { value } = await api.get(key);
  const celsius = Number((await weather.temperature.innerText()).replace('−', '-').replace(' °C', ''));
  expect(JSON.parse(value)).toMatchObject({ city: 'Reykjavík', source: 'demo', temperature_c: celsius });

  await test.step('in the other unit', async () => {
    await weather.choose('°F');
    const fahrenheit = (celsius * 1.8 + 32).toFixed(1).replace('-', '−');
    await expect(weather.temperature).toHaveText(`${fahrenheit} °F`);
    await weather.choose('°C');
  });

  await test.step('the same again comes from the cache, and its age shows', async () => {
    await weather.lookUp('REYKJAVÍK');
    await expect(weather.way.getByTestId('way-from')).toHaveText('from the cache of the master');
    await expect(weather.age).toHaveText(/^\d+(\.\d)? s ago$/);
  });
});

test('several cities are compared, on the chart, the map and in the table', async ({ window }) => {
  await window.open('Weather');
  const weather = new WeatherPage(window.page);
  await weather.choose('Demonstration');
  await weather.lookUp('Paris');
  await weather.expectFound('Paris');

  await test.step('another place of that name', async () => {
    await weather.current.getByRole('button', { name: 'Texas, United States' }).click();
    await expect(weather.current).toContainText('Texas, United States');
    await expect(weather.record).toContainText('weather/paris-us-texas/');
  });

  await test.step('a suggestion is chosen with the keyboard', async () => {
    await weather.search.fill('Nair');
    await expect(window.page.getByRole('option', { name: 'Nairobi, Kenya' })).toBeVisible();
    await weather.search.press('ArrowDown');
    await weather.search.press('Enter');
    await weather.expectFound('Nairobi');
  });

  await expect(weather.row('Nairobi')).toContainText('Demonstration');
  await expect(weather.comparing('Nairobi')).toBeChecked();
  await expect(weather.historyFrom).toContainText('stored values, from the records');
  await expect(window.page.getByRole('img', { name: /^Stored temperatures of .*Nairobi/ })).toBeVisible();
  await expect(weather.map).toContainText('Nairobi');
  await weather.comparing('Nairobi').click();
  await expect(window.page.getByRole('img', { name: /^Stored temperatures of .*Nairobi/ })).toBeHidden();
});

test('a city that nobody knows is refused in words', async ({ window }) => {
  await window.open('Weather');
  const weather = new WeatherPage(window.page);
  await weather.choose('Demonstration');
  await weather.lookUp('Nowhereville');
  await expect(weather.current.getByRole('alert')).toContainText('No city is known as Nowhereville');
});

test.describe('with a source and a database of its own', () => {
  const source = new FakeOpenMeteo();
  let postgres: TestPostgres;
  test.beforeAll(async () => {
    // By which of this machine's addresses the containers find it is the engine's to choose.
    await source.start('0.0.0.0');
    postgres = await TestPostgres.create();
    await postgres.start();
  });
  test.afterAll(async () => {
    await source.stop();
    await postgres.remove();
  });

  test('the weather comes from the source while it can be had, and what is made up is labelled', async ({
    own,
    openWindow,
  }) => {
    // A cluster of its own, and a database that is away for a while.
    test.setTimeout(180_000);
    const url = `http://host.docker.internal:${source.port}`;
    const { panel, report } = await own.start({
      env: {
        ORRERY_WEATHER_GEOCODING_URL: url,
        ORRERY_WEATHER_FORECAST_URL: url,
        ORRERY_POSTGRES_URL: postgres.url,
      },
    });
    const { master } = report.endpoints;
    const window = await openWindow(panel);
    await window.expectRunning();
    await window.open('Weather');
    const weather = new WeatherPage(window.page);
    const alert = weather.current.getByRole('alert');

    await test.step('from the source, with its attribution', async () => {
      await weather.lookUp('Lima');
      await weather.expectFound('Lima');
      await expect(weather.temperature).toHaveText('12.5 °C');
      await expect(weather.source).toHaveText('Open-Meteo');
      await expect(weather.current.getByRole('link', { name: 'Weather data by Open-Meteo.com' })).toBeVisible();
      await expect(weather.way).toContainText('where it is');
    });

    await test.step('the source fails: the demonstration is offered', async () => {
      source.behaviour = '500';
      await weather.lookUp('Oslo');
      await expect(alert).toContainText('The weather cannot be had from its source');
      await alert.getByRole('button', { name: 'Use the demonstration' }).click();
      await weather.expectFound('Oslo');
      await expect(weather.source).toHaveText('Demonstration');
    });

    await test.step('its quota is used up: which, and until when', async () => {
      source.behaviour = '429-hour';
      await weather.choose('Open-Meteo');
      await weather.lookUp('Quito');
      await expect(alert).toContainText('The quota of this hour is used up.');
      await expect(alert).toContainText(/Try again at \d\d:00:01/);
      const refused = await fetch(`${master}/weather?city=Quito`);
      expect(refused.status).toBe(429);
    });

    await test.step('a load test may use the demonstration only', async () => {
      const headers = { 'X-Orrery-Load': 'journey' };
      expect((await fetch(`${master}/weather?city=Lima`, { headers })).status).toBe(403);
      expect((await fetch(`${master}/weather?city=Lima&source=demo`, { headers })).status).toBe(200);
    });

    await test.step('what is stored is mirrored, also after the database was away', async () => {
      await expect(weather.mirrorState).toContainText('3 versions mirrored', { timeout: 30_000 });
      await expect(weather.historyFrom).toContainText('from PostgreSQL');
      await postgres.stop();
      await expect(weather.mirrorState).toContainText('cannot be reached', { timeout: 30_000 });
      await weather.choose('Demonstration');
      await weather.lookUp('Cairo');
      await weather.expectFound('Cairo');
      await expect(weather.record).toContainText('weather/cairo/');
      await expect(weather.historyFrom).toContainText('from the records');
      await postgres.start();
      await expect(weather.mirrorState).toContainText('4 versions mirrored', { timeout: 45_000 });
    });
  });
});

for (const theme of ['light', 'dark'] as const) {
  test(`what was found and what was refused is clean in the ${theme} theme`, async ({ window }) => {
    await window.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await window.open('Weather');
    const weather = new WeatherPage(window.page);
    await weather.choose('Demonstration');
    for (const city of ['London', 'Nowhereville']) {
      await weather.lookUp(city);
      if (city === 'London') await weather.expectFound(city);
      else await expect(weather.current.getByRole('alert')).toBeVisible();
      const axe = new AxeBuilder({ page: window.page }).withTags(['wcag2a', 'wcag2aa']).setLegacyMode();
      const { violations } = await axe.analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`),
      ).toEqual([]);
    }
  });
}
