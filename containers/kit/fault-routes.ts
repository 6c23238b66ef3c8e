/** The control endpoints for faults, the same at every monitor. */
import { faultsBody, type FaultRequest } from '../protocol/control.ts';
import type { Route } from './http-types.ts';

/** What a monitor does about faults: on itself, or on a member of its. Throws `unknown-node`. */
export type FaultService = { setFaults(node: string, rules: FaultRequest[]): void; healFaults(fault: string): void };

export function faultRoutes(service: FaultService): Route[] {
  return [
    {
      method: 'POST',
      path: '/control/faults',
      summary: 'Delay or drop frames between a node and a peer, for a while',
      control: true,
      body: faultsBody,
      async handle(request) {
        const { node, rules } = await request.readJson(faultsBody);
        service.setFaults(node, rules);
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/control/faults/:fault',
      summary: 'End a fault, or all of them',
      control: true,
      handle(request) {
        service.healFaults(request.params['fault'] ?? 'all');
        return { status: 204 };
      },
    },
  ];
}
