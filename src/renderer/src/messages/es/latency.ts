import type { latency as english } from '../en/latency.ts';

export const latency: Record<keyof typeof english, string> = {
  'latency.text':
    'De la llegada al primer nodo hasta la respuesta. Percentiles de histogramas sumados, nunca promediados.',
  'latency.chart': 'Percentiles: {series}',
  'latency.chart-label': 'Percentiles de {series} en cinco minutos; los últimos valores están en la tabla',
  'latency.count-caption': 'Peticiones por {seconds} s',
  'latency.requests': 'peticiones',
  'latency.latest': 'Último minuto, todas las series',
  'latency.none': 'Nada medido aún',
  'latency.none-text': 'Envíe un cálculo o guarde un registro: su latencia aparece aquí al instante.',
  'series.task-sync': 'tareas, respuesta inmediata',
  'series.task-durable': 'tareas, en cola',
  'series.record-put': 'registros, guardar',
  'series.record-get': 'registros, leer',
  'series.record-delete': 'registros, borrar',
  'series.record-list': 'registros, listar',
};
