/** The cities looked up, the last first: their newest values, and which of them are on the chart. */
import { Checkbox } from '@mantine/core';
import type { WeatherSeen } from '../../../../contract/weather-schema.ts';
import { perform } from '../../perform.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { compare, lookUp, readHistories, useWeather } from '../../stores/weather-store.ts';
import { formatAge } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import table from '../../ui/table.module.css';
import { skyOf } from './sky.ts';
import { formatTemperature } from './temperature.ts';
import styles from './weather.module.css';

export function SeenTable() {
  const t = useT();
  const seen = useWeather((state) => state.seen);
  return (
    <Section title={t('weather.cities')} fill>
      <div className={table['scroll']} tabIndex={0} role="group" aria-label={t('weather.cities')}>
        <table className={table['table']} aria-label={t('weather.cities')}>
          <thead>
            <tr>
              <th>{t('weather.compare-head')}</th>
              <th data-wide>{t('weather.search')}</th>
              <th data-num>{t('weather.temperature')}</th>
              <th>{t('weather.conditions')}</th>
              <th>{t('weather.source')}</th>
              <th data-num>{t('weather.observed')}</th>
            </tr>
          </thead>
          <tbody>
            {(seen ?? []).map((city) => (
              <Row key={city.slug} city={city} />
            ))}
          </tbody>
        </table>
        {seen?.length === 0 && <p className={styles['note']}>{t('weather.cities-none')}</p>}
      </div>
    </Section>
  );
}

function Row({ city: seen }: { city: WeatherSeen }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const unit = useWeather((state) => state.unit);
  const isShown = useWeather((state) => state.compared.includes(seen.slug));
  const { slug, city, region, country, latitude, longitude, temperature_c, weather_code, observed_at, source } = seen;
  return (
    <tr>
      <td>
        <Checkbox
          size="xs"
          checked={isShown}
          aria-label={t('weather.compare', { city })}
          onChange={(event) => {
            compare(slug, event.currentTarget.checked);
            perform(readHistories());
          }}
        />
      </td>
      <td data-wide>
        <button
          type="button"
          className={table['linkish']}
          aria-label={t('weather.show', { city })}
          onClick={() => perform(lookUp(again(seen)))}
        >
          {city}
        </button>{' '}
        <span className="dim">{[region === city ? '' : region, country].filter(Boolean).join(', ')}</span>
      </td>
      <td data-num>{formatTemperature(temperature_c, unit)}</td>
      <td>{t(skyOf(weather_code).text)}</td>
      <td>
        <span className={styles['source']} data-source={source}>
          {t(`weather.source.${source}`)}
        </span>
      </td>
      <td data-num title={`${latitude}, ${longitude}`}>
        {t('age.ago', { age: formatAge(nowMs - Date.parse(observed_at)) })}
      </td>
    </tr>
  );
}

/** The same place again: a point without a name by its coordinates, a city by name and coordinates. */
function again({ city, slug, latitude, longitude, source }: WeatherSeen) {
  return city === slug ? { latitude, longitude, source } : { city, latitude, longitude, source };
}
