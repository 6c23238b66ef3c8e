/** Carries out for the master's autoscaler what only the panel can: starts workers and removes those that have left. */
import type { AutoscalerPicture } from '../../../containers/protocol/autoscaler.ts';
import { scalingPlan } from '../../core/scaling-plan.ts';
import type { Journal } from '../store/journal.ts';
import { beginRemoval, spawnNodes } from './node-requests.ts';
import type { Session } from './session.ts';

/** Asked with every sample of the master; does nothing when all is as it shall be. */
export function followAutoscaler(
  { session, journal }: { session: Session; journal: Journal },
  autoscaler: AutoscalerPicture,
  nowMs: number,
): void {
  const { state } = session;
  const picture = journal.picture();
  if (state.stopping || state.engineLost || picture.phase !== 'running') return;
  const { start, remove } = scalingPlan(autoscaler, state.desired, picture, nowMs);
  const context = { session, journal, actor: 'autoscaler' as const };
  for (const node of remove) beginRemoval(context, node);
  if (start > 0) spawnNodes(context, 'worker', start);
}
