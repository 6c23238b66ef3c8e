/** Temperatures as the page writes them. */
import { fahrenheit } from '../../../../core/weather-points.ts';
import type { Unit } from '../../stores/weather-store.ts';

export function inUnit(celsius: number, unit: Unit): number {
  return unit === 'C' ? celsius : fahrenheit(celsius);
}

/** `12.5 °C`, with a true minus sign. */
export function formatTemperature(celsius: number, unit: Unit): string {
  return `${inUnit(celsius, unit).toFixed(1).replace('-', '−')} °${unit}`;
}
