/** The sky in words and signs, by the WMO code (4677) as Open-Meteo documents it. */
import {
  IconCloud,
  IconCloudFog,
  IconCloudQuestion,
  IconCloudRain,
  IconCloudSnow,
  IconCloudStorm,
  IconMoon,
  IconSun,
  type Icon,
} from '@tabler/icons-react';
import type { MessageKey } from '../../messages/en/index.ts';

export type Sky = { text: Extract<MessageKey, `weather.sky.${string}`>; icon: Icon };

/** From this code on, in this order; a code belongs to the last one not above it. */
const SKIES: readonly (readonly [from: number, text: Sky['text'], icon: Icon])[] = [
  [0, 'weather.sky.clear', IconSun],
  [1, 'weather.sky.mainly-clear', IconSun],
  [2, 'weather.sky.partly-cloudy', IconCloud],
  [3, 'weather.sky.overcast', IconCloud],
  [45, 'weather.sky.fog', IconCloudFog],
  [51, 'weather.sky.drizzle', IconCloudRain],
  [56, 'weather.sky.freezing-rain', IconCloudRain],
  [61, 'weather.sky.rain', IconCloudRain],
  [66, 'weather.sky.freezing-rain', IconCloudRain],
  [71, 'weather.sky.snow', IconCloudSnow],
  [80, 'weather.sky.showers', IconCloudRain],
  [85, 'weather.sky.snow-showers', IconCloudSnow],
  [95, 'weather.sky.thunderstorm', IconCloudStorm],
];

/** What a code means; `isDay` false shows a moon where the sky is clear. */
export function skyOf(code: number | null, isDay: boolean | null = true): Sky {
  const found = code === null || code < 0 || code > 99 ? undefined : SKIES.findLast(([from]) => from <= code);
  if (found === undefined) return { text: 'weather.sky.unknown', icon: IconCloudQuestion };
  const [, text, icon] = found;
  return { text, icon: icon === IconSun && isDay === false ? IconMoon : icon };
}
