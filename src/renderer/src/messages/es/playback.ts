import type { playback as english } from '../en/playback.ts';

export const playback: Record<keyof typeof english, string> = {
  'playback.title': 'Una grabación',
  'playback.text': '{name}: lo que pasó entonces. Nada está en marcha, nada se puede cambiar.',
  'playback.play': 'Reproducir',
  'playback.hold': 'Detener',
  'playback.position': 'Posición',
  'playback.speed': 'Velocidad',
  'playback.close': 'Cerrar la grabación',
  'playback.first': 'Reproducir la grabación',
  'playback.open': 'Abrir una grabación',
  'playback.or': 'O mire primero: una ejecución grabada se reproduce sin ningún motor.',
};
