import type { heartbeats as english } from '../en/heartbeats.ts';

export const heartbeats: Record<keyof typeof english, string> = {
  'hint.kill': 'SIGKILL: el proceso acaba al instante, con todo lo que hacía.',
  'hint.remove': 'Sin trabajo nuevo, lo que corre se termina y el nodo desaparece.',
  'hint.hold-down': 'Al matarlo queda caído en vez de rearrancar.',
  'heartbeats.text': 'Cada miembro dice a su monitor que vive; el silencio sube la sospecha φ.',
  'heartbeats.members': 'Miembros',
  'heartbeats.formula': 'φ = −log₁₀ P(aún llega un latido tras este silencio); actúa en 8',
  'heartbeats.last-minute': 'Latidos del último minuto',
  'heartbeats.mean': 'Intervalo',
  'heartbeats.phi-route': 'φ ruta',
  'heartbeats.phi-dead': 'φ muerte',
  'hint.phi-route': 'En 8 el nodo no recibe trabajo nuevo: barato si es un error.',
  'hint.phi-dead': 'Perdona una pausa; en 8 se sondea el nodo, y muere si la sonda falla.',
  'heartbeats.strip': 'Latidos de {node} en el último minuto',
};
