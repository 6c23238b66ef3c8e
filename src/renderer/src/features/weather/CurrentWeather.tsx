/** What the last lookup said: the weather, or why it could not be had and what is still known. */
import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { WeatherAnswer, WeatherRefusal } from '../../../../../containers/protocol/weather.ts';
import { OPEN_METEO_ATTRIBUTION } from '../../../../../containers/protocol/weather-limits.ts';
import type { WeatherSource } from '../../../../../containers/protocol/weather-limits.ts';
import type { WeatherLookUp, WeatherQuestion } from '../../../../contract/weather-schema.ts';
import { describeFailure } from '../../messages/describe-error.ts';
import { perform } from '../../perform.ts';
import { useNowMs } from '../../stores/clock-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { chooseSource, lookUp, useSource, useWeather } from '../../stores/weather-store.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { formatAge, formatClock } from '../../ui/format.ts';
import { skyOf } from './sky.ts';
import { formatTemperature } from './temperature.ts';
import styles from './weather.module.css';

export function CurrentWeather() {
  const t = useT();
  const looked = useWeather((state) => state.looked);
  switch (looked.state) {
    case 'idle':
      return <EmptyState title={t('weather.none')} text={t('weather.none-text')} />;
    case 'busy':
      return (
        <div className={styles['busy']} role="status">
          <Loader size="sm" aria-hidden="true" />
          <span>{t('weather.busy', { city: looked.question.city ?? '' })}</span>
        </div>
      );
    case 'failed': {
      const { what, todo } = describeFailure(looked.error);
      return <Refused question={looked.question} text={`${what} ${todo}`} refusal={null} />;
    }
    case 'done':
      return <Outcome question={looked.question} looked={looked.looked} atMs={looked.atMs} />;
  }
}

type OutcomeProps = { question: WeatherQuestion; looked: WeatherLookUp; atMs: number };

function Outcome({ question, looked: { answer, refusal, request }, atMs }: OutcomeProps) {
  if (answer !== null) return <Weather answer={answer} atMs={atMs} />;
  const text = refusal === null ? request.answer : refusal.error;
  return <Refused question={question} text={text} refusal={refusal} atMs={atMs} />;
}

type RefusedProps = { question: WeatherQuestion; text: string; refusal: WeatherRefusal | null; atMs?: number };

function Refused({ question, text, refusal, atMs = 0 }: RefusedProps) {
  const t = useT();
  const { isFixed } = useSource();
  const canOffer = refusal?.offer !== undefined && !isFixed;
  return (
    <div className={styles['refused']}>
      <div className={styles['alert']} role="alert">
        <h3>
          <IconAlertTriangle size={16} aria-hidden="true" />
          {refusal?.quota === undefined ? t('weather.refused') : t(`weather.quota.${refusal.quota}`)}
        </h3>
        <p className={styles['reason']}>
          {text}{' '}
          {refusal?.retry_at !== undefined &&
            t('weather.retry-at', { time: formatClock(Date.parse(refusal.retry_at)) })}
        </p>
        <div className={styles['actions']}>
          <Button onClick={() => perform(lookUp({ ...question }))}>{t('weather.again')}</Button>
          {canOffer && (
            <Button
              variant="filled"
              onClick={() => {
                perform(chooseSource('demo'));
                perform(lookUp({ ...question, source: 'demo' }));
              }}
            >
              {t('weather.use-demo')}
            </Button>
          )}
        </div>
      </div>
      {refusal?.last && (
        <section aria-label={t('weather.last-known')}>
          <h3 className={styles['label']}>{t('weather.last-known')}</h3>
          <Weather answer={refusal.last} atMs={atMs} />
        </section>
      )}
    </div>
  );
}

function Weather({ answer, atMs }: { answer: WeatherAnswer; atMs: number }) {
  const t = useT();
  const unit = useWeather((state) => state.unit);
  const { city, region, country, temperature_c, weather_code, is_day, humidity_percent, wind_kmh } = answer;
  const sky = skyOf(weather_code, is_day);
  const SkyIcon = sky.icon;
  const where = [region === city ? '' : region, country].filter(Boolean).join(', ');
  const more = [
    humidity_percent === null ? null : t('weather.feels', { humidity: humidity_percent }),
    wind_kmh === null ? null : t('weather.wind', { wind: wind_kmh }),
  ].filter((text) => text !== null);
  return (
    <div className={styles['weather']}>
      <div className={styles['place']}>
        <h3>{city}</h3>
        <span className="dim">{where}</span>
      </div>
      <div className={styles['value']}>
        <SkyIcon size={40} stroke={1.4} aria-hidden="true" />
        <strong data-testid="temperature">{formatTemperature(temperature_c, unit)}</strong>
        <div className={styles['sky']}>
          <span>{t(sky.text)}</span>
          <span className="dim">{more.join(', ')}</span>
        </div>
      </div>
      <Facts answer={answer} atMs={atMs} />
      <Namesakes answer={answer} />
    </div>
  );
}

function Facts({ answer, atMs }: { answer: WeatherAnswer; atMs: number }) {
  const t = useT();
  const nowMs = useNowMs(1_000);
  const ago = (ms: number): string => t('age.ago', { age: formatAge(ms) });
  const { observed_at, age_s, record, way, source } = answer;
  return (
    <dl className={styles['facts']}>
      <dt>{t('weather.source')}</dt>
      <dd>
        <span className={styles['source']} data-source={source} data-testid="weather-source">
          {t(`weather.source.${source}`)}
        </span>{' '}
        <Attribution source={source} />
      </dd>
      <dt>{t('weather.observed')}</dt>
      <dd className="mono">
        {formatClock(Date.parse(observed_at))} <span className="dim">{ago(nowMs - Date.parse(observed_at))}</span>
      </dd>
      <dt>{t('weather.fetched')}</dt>
      <dd className="mono" data-testid="weather-age">
        {ago(age_s * 1_000 + Math.max(0, nowMs - atMs))}
      </dd>
      <dt>{t('weather.record')}</dt>
      <dd className="mono" data-testid="weather-record">
        {record ?? t('weather.not-stored', { reason: way.not_stored ?? '–' })}
      </dd>
    </dl>
  );
}

function Attribution({ source }: { source: WeatherSource }) {
  const t = useT();
  return (
    <span className={styles['attribution']} data-source={source}>
      {source === 'demo' ? (
        t('weather.demo-note')
      ) : (
        <a href="https://open-meteo.com/" target="_blank" rel="noreferrer">
          {OPEN_METEO_ATTRIBUTION}
        </a>
      )}
    </span>
  );
}

function Namesakes({ answer: { candidates, source, latitude, longitude } }: { answer: WeatherAnswer }) {
  const t = useT();
  const others = (candidates ?? []).filter((other) => other.latitude !== latitude || other.longitude !== longitude);
  if (others.length === 0) return null;
  return (
    <div className={styles['namesakes']} role="group" aria-label={t('weather.namesakes')}>
      <span className="dim">{t('weather.namesakes')}</span>
      {others.map((other) => (
        <button
          key={`${other.latitude},${other.longitude}`}
          type="button"
          className={styles['namesake']}
          onClick={() =>
            perform(lookUp({ city: other.city, latitude: other.latitude, longitude: other.longitude, source }))
          }
        >
          {[other.region, other.country].filter(Boolean).join(', ')}
        </button>
      ))}
    </div>
  );
}
