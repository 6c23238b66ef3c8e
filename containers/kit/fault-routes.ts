/** The control endpoint for faults, the same at every monitor: for the monitor itself, or for a member of its. */
import { faultAnswer, faultsBody, type FaultAnswer, type FaultOrder } from '../protocol/control.ts';
import { OrreryError } from '../protocol/errors.ts';
import type { FaultHand } from './fault-hand.ts';
import { orderNode } from './fault-relay.ts';
import type { Self } from './handshake.ts';
import type { Route } from './http-types.ts';

export type FaultRouteOptions = {
  self: Self;
  hand: FaultHand;
  /** `host:port` of a member's probe; null when it is none of ours. */
  probeOf(node: string): string | null;
};

export function faultRoutes(options: FaultRouteOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/control/faults',
      summary: 'Delay, drop or hold up what a node sends, receives or stores, for a while; and measure it',
      control: true,
      body: faultsBody,
      answers: { 200: faultAnswer, 404: 'no such node here' },
      async handle(request) {
        const { node, order } = await request.readJson(faultsBody);
        return { status: 200, json: await perform(node, order, options) };
      },
    },
  ];
}

function perform(node: string, order: FaultOrder, { self, hand, probeOf }: FaultRouteOptions): Promise<FaultAnswer> {
  if (node === self.node) return hand.perform(order);
  const address = probeOf(node);
  if (address === null) throw new OrreryError('unknown-node', { node });
  return orderNode({ node, address, secret: self.secret, order });
}
