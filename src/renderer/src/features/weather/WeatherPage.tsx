/** The weather of any city, the way a lookup takes through the cluster, and what is stored of it. */
import { SegmentedControl } from '@mantine/core';
import { useEffect } from 'react';
import { WEATHER_SOURCES } from '../../../../../containers/protocol/weather-limits.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { chooseSource, chooseUnit, loadChoices, readHistories, refresh, UNITS } from '../../stores/weather-store.ts';
import { useSource, useWeather } from '../../stores/weather-store.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import { CitySearch } from './CitySearch.tsx';
import { CurrentWeather } from './CurrentWeather.tsx';
import { HistoryChart } from './HistoryChart.tsx';
import { LookupWay } from './LookupWay.tsx';
import { MirrorBox } from './MirrorBox.tsx';
import { SeenTable } from './SeenTable.tsx';
import { WorldMap } from './WorldMap.tsx';
import styles from './weather.module.css';

const REFRESH_EVERY_MS = 10_000;

export function WeatherPage() {
  const t = useT();
  const compared = useWeather((state) => state.compared.join(' '));
  useEffect(() => {
    perform(loadChoices());
    perform(refresh());
    const timer = setInterval(() => perform(refresh()), REFRESH_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => perform(readHistories()), [compared]);
  return (
    <div className={page['page']} tabIndex={0} role="group" aria-label={t('page.weather')}>
      <PageHead title={t('page.weather')} text={t('weather.text')} />
      <div className={styles['bar']}>
        <CitySearch />
        <Choices />
      </div>
      <div className={styles['columns']}>
        <div className={styles['left']}>
          <Section title={t('weather.current')}>
            <div className={styles['current']}>
              <CurrentWeather />
            </div>
          </Section>
          <LookupWay />
          <WorldMap />
        </div>
        <div className={styles['right']}>
          <HistoryChart />
          <SeenTable />
          <MirrorBox />
        </div>
      </div>
    </div>
  );
}

function Choices() {
  const t = useT();
  const unit = useWeather((state) => state.unit);
  const { source, isFixed } = useSource();
  return (
    <div className={styles['choices']}>
      <SegmentedControl
        aria-label={t('weather.source')}
        value={source}
        disabled={isFixed}
        onChange={(value) => {
          const chosen = WEATHER_SOURCES.find((known) => known === value);
          if (chosen !== undefined) perform(chooseSource(chosen));
        }}
        data={WEATHER_SOURCES.map((value) => ({ value, label: t(`weather.source.${value}`) }))}
      />
      <SegmentedControl
        aria-label={t('weather.unit')}
        value={unit}
        onChange={(value) => {
          const chosen = UNITS.find((known) => known === value);
          if (chosen !== undefined) perform(chooseUnit(chosen));
        }}
        data={UNITS.map((value) => ({ value, label: `°${value}` }))}
      />
    </div>
  );
}
