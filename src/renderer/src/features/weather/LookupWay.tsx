/** The way a lookup took through the cluster: who took part, and how long each part was. */
import type { WeatherAnswer } from '../../../../../containers/protocol/weather.ts';
import { NodeChip, NodeChips } from '../../parts/NodeChip.tsx';
import { useT } from '../../stores/settings-store.ts';
import { useWeather } from '../../stores/weather-store.ts';
import { selectRequest } from '../../stores/selection-store.ts';
import { formatMs } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import quick from '../../parts/quick.module.css';
import styles from './weather.module.css';

export function LookupWay() {
  const t = useT();
  const looked = useWeather((state) => state.looked);
  if (looked.state !== 'done' || looked.looked.answer === null) return null;
  const { answer, request } = looked.looked;
  const aside = (
    <span className={styles['aside']}>
      <span className="dim" data-testid="way-from">
        {t(`weather.way.from.${answer.way.from}`)}
      </span>
      <button
        type="button"
        className={quick['chip']}
        aria-label={t('request.show', { took: formatMs(request.tookMs) })}
        onClick={() => selectRequest(request.id)}
      >
        {formatMs(request.tookMs)}
      </button>
    </span>
  );
  return (
    <Section title={t('weather.way')} aside={aside}>
      <Steps answer={answer} />
    </Section>
  );
}

function Steps({ answer: { way, source } }: { answer: WeatherAnswer }) {
  const t = useT();
  const isPast = way.from === 'cache';
  return (
    <ol className={styles['way']} data-past={isPast}>
      <li>
        <NodeChip node="master" />
        <span>{t('weather.way.master')}</span>
      </li>
      {way.worker !== null && (
        <li>
          <NodeChip node={way.worker} />
          <span>{t('weather.way.worker')}</span>
          <span className="num">{formatMs(way.lookup_ms)}</span>
        </li>
      )}
      {source === 'open-meteo' && way.worker !== null && (
        <>
          <li data-inner="true">
            <span>{t('weather.way.geocoding')}</span>
            <span className="num">{formatMs(way.geocoding_ms)}</span>
          </li>
          <li data-inner="true">
            <span>{t('weather.way.forecast')}</span>
            <span className="num">{formatMs(way.forecast_ms)}</span>
          </li>
        </>
      )}
      {way.replicas.length > 0 && (
        <li>
          <NodeChips nodes={way.replicas} label={t('record.replicas')} />
          <span>{t('weather.way.store')}</span>
          {way.store_ms !== null && <span className="num">{formatMs(way.store_ms)}</span>}
        </li>
      )}
      {way.not_stored !== null && <li>{t('weather.not-stored', { reason: way.not_stored })}</li>}
    </ol>
  );
}
