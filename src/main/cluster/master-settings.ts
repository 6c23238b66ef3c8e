/** Settings of the master that a start asks for: they can only be set when it answers. */
import type { MasterSettings } from '../../core/course/courses.ts';
import { setAutoscaler, setOrders } from '../nodes/task-requests.ts';
import type { Session } from './session.ts';

/** Rejects as requests to the master do; to set the same again does no harm. */
export async function setMaster(session: Session, { autoscaler, orders }: MasterSettings): Promise<void> {
  const { endpoints, state } = session;
  if (autoscaler !== undefined) await setAutoscaler(endpoints.master, state.file.secret, autoscaler);
  if (orders !== undefined) await setOrders(endpoints.master, state.file.secret, orders);
}
