import type { timeline as english } from '../en/timeline.ts';

export const timeline: Record<keyof typeof english, string> = {
  'timeline.label': 'Línea de tiempo',
  'timeline.events': 'Sucesos',
  'timeline.filter': 'Filtrar sucesos',
  'timeline.older': 'Sucesos anteriores',
  'timeline.rate': 'ritmo',
  'timeline.p95': 'p95',
  'timeline.picture': 'Los últimos cinco minutos: sucesos como marcas, ritmo y p95 como líneas',
  'timeline.around': 'Eventos en torno a {at}',
  'timeline.newest': 'Mostrar los más recientes',
  'timeline.nothing': 'No ocurrió nada en medio minuto alrededor.',
};
