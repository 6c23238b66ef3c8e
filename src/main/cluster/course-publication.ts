/** Whether the fixed ports of the courses can be had. */
import { OrreryError } from '../../../containers/protocol/errors.ts';
import { courseConflict, courseHostPorts, type CoursePort } from '../../core/course/course-ports.ts';
import { canBind } from './port-pool.ts';

/** `have`: those that the cluster has already. Throws `conflict` where two want one port, `port-taken` where a program has it. */
export async function checkCoursePorts(wanted: readonly CoursePort[], have: readonly CoursePort[]): Promise<void> {
  const clash = courseConflict(wanted);
  if (clash !== null) {
    throw new OrreryError('conflict', { reason: `Two of ${wanted.join(', ')} want port ${clash}; choose one of them` });
  }
  const own = new Set(courseHostPorts(have));
  for (const port of courseHostPorts(wanted))
    if (!own.has(port) && !(await canBind(port))) throw new OrreryError('port-taken', { port });
}
