/** Where a city is typed, with suggestions from the bundled cities and those seen before. */
import { Autocomplete, Button } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { suggestCities } from '../../../../../containers/algorithms/demo-cities.ts';
import { CITY_LENGTH_MAX } from '../../../../../containers/protocol/weather-limits.ts';
import { perform } from '../../perform.ts';
import { useT } from '../../stores/settings-store.ts';
import { lookUp, useSource, useWeather } from '../../stores/weather-store.ts';
import styles from './weather.module.css';

const SUGGESTIONS = 8;

export function CitySearch() {
  const t = useT();
  const [typed, setTyped] = useState('');
  const { source } = useSource();
  const isBusy = useWeather((state) => state.looked.state === 'busy');
  const seen = useWeather((state) => state.seen);
  const suggestions = useMemo(() => {
    const before = (seen ?? []).filter(
      ({ city }) => typed !== '' && city.toLowerCase().startsWith(typed.toLowerCase()),
    );
    return suggestionsOf([...before, ...suggestCities(typed, SUGGESTIONS)]).slice(0, SUGGESTIONS);
  }, [typed, seen]);
  const ask = (text: string): void => {
    const city = text.trim();
    if (city !== '' && !isBusy) perform(lookUp({ city, source }));
  };
  return (
    <form
      className={styles['search']}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        ask(typed);
      }}
    >
      <Autocomplete
        aria-label={t('weather.search')}
        placeholder={t('weather.search-hint')}
        value={typed}
        onChange={setTyped}
        onOptionSubmit={(city) => {
          setTyped(city);
          ask(city);
        }}
        data={suggestions}
        filter={({ options }) => options}
        maxLength={CITY_LENGTH_MAX}
        leftSection={<IconSearch size={14} aria-hidden="true" />}
        spellCheck={false}
        w={340}
      />
      <Button type="submit" disabled={typed.trim() === ''} loading={isBusy}>
        {t('weather.look-up')}
      </Button>
    </form>
  );
}

type Named = { city: string; region: string; country: string };

/** Names that find exactly these places: with the country, or with the region where a country has several of a name. */
function suggestionsOf(places: readonly Named[]): string[] {
  const names = places.map(({ city, region, country }) => {
    const isShared = places.some(
      (other) => other.city === city && other.country === country && other.region !== region,
    );
    return [city, isShared ? region : country].filter(Boolean).join(', ');
  });
  return [...new Set(names)];
}
