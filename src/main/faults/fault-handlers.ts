/** The faults' part of the contract. */
import type { Handlers } from '../../contract/contract.ts';
import type { FaultKeeper } from './fault-keeper.ts';

export function faultHandlers(keeper: FaultKeeper): Pick<Handlers, Extract<keyof Handlers, `faults.${string}`>> {
  return {
    'faults.inject': async (spec, context) => keeper.inject(spec, context?.actor ?? 'user'),
    'faults.heal': async ({ fault }) => keeper.heal(fault),
    'faults.list': async () => keeper.list(),
  };
}
