/** A small map of the cities looked up. The table of cities says the same in words. */
import { useT } from '../../stores/settings-store.ts';
import { useWeather } from '../../stores/weather-store.ts';
import { Section } from '../../ui/Section.tsx';
import { formatTemperature } from './temperature.ts';
import { placeLabels } from './map-labels.ts';
import { MAP_HEIGHT, MAP_WIDTH, project, WORLD_PATH } from './world-outline.ts';
import styles from './weather.module.css';

export function WorldMap() {
  const t = useT();
  const seen = useWeather((state) => state.seen) ?? [];
  const unit = useWeather((state) => state.unit);
  const current = useWeather((state) =>
    state.looked.state === 'done' ? (state.looked.looked.answer?.slug ?? null) : null,
  );
  const first = seen.toSorted((a, b) => Number(b.slug === current) - Number(a.slug === current));
  const labels = placeLabels(
    first.map(({ slug, city, longitude, latitude }) => ({ slug, city, ...project(longitude, latitude) })),
  );
  return (
    <Section title={t('weather.map-title')}>
      <svg
        className={styles['map']}
        viewBox={`0 0 ${MAP_WIDTH} ${MAP_HEIGHT}`}
        role="img"
        aria-label={t('weather.map')}
      >
        <path d={WORLD_PATH} className={styles['land']} />
        {seen.map((city) => {
          const { x, y } = project(city.longitude, city.latitude);
          const isCurrent = city.slug === current;
          const side = labels.get(city.slug);
          return (
            <g key={city.slug} transform={`translate(${x} ${y})`} data-source={city.source} className={styles['dot']}>
              <title>{`${city.city}: ${formatTemperature(city.temperature_c, unit)}`}</title>
              <circle r={isCurrent ? 6 : 4} data-current={isCurrent} />
              {side !== undefined && (
                <text x={side === 'left' ? -9 : 9} y={4} textAnchor={side === 'left' ? 'end' : 'start'}>
                  {city.city}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </Section>
  );
}
