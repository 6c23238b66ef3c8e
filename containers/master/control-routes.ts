/** What the panel may tell the master; all of it needs the cluster's secret. */
import { parametersOf } from '../algorithms/detector-parameters.ts';
import { faultRoutes } from '../kit/fault-routes.ts';
import type { Route } from '../kit/http-types.ts';
import { balancerBody } from '../protocol/balancing.ts';
import type { RoleContext } from '../kit/role-main.ts';
import { detectorBody, drainBody, engineEventBody, linesBody, tenantBody } from '../protocol/control.ts';
import { autoscalerBody } from '../protocol/autoscaler.ts';
import { orderSettingsBody } from '../protocol/guests.ts';
import { OrreryError } from '../protocol/errors.ts';
import { isGone } from './membership.ts';
import type { MasterService } from './service.ts';

export function controlRoutes(service: MasterService, { self, faults }: RoleContext): Route[] {
  return [
    {
      method: 'POST',
      path: '/control/engine-event',
      summary: 'The engine saw a container start or exit',
      control: true,
      body: engineEventBody,
      async handle(request) {
        const { node, type, atMs } = await request.readJson(engineEventBody);
        service.dispatch({ kind: 'engine-word', node, type, atMs });
        return { status: 204 };
      },
    },
    ...tuningRoutes(service),
    ...requestRoutes(service),
    ...scalingRoutes(service),
    {
      method: 'POST',
      path: '/control/drain',
      summary: 'Give a worker no new work; it has left when it has nothing in hand',
      control: true,
      body: drainBody,
      async handle(request) {
        const { node } = await request.readJson(drainBody);
        const member = service.state.membership.members.get(node);
        if (member === undefined || isGone(member)) throw new OrreryError('unknown-node', { node });
        service.dispatch({ kind: 'drain', node });
        return { status: 202, json: { node } };
      },
    },
    ...faultRoutes({ self, hand: faults, probeOf: (node) => service.probeOf(node) }),
  ];
}

/** What can be set about requests while the master runs. */
function requestRoutes(service: MasterService): Route[] {
  return [
    {
      method: 'GET',
      path: '/control/balancer',
      summary: 'How requests are balanced over the workers',
      control: true,
      handle: () => ({ status: 200, json: service.state.settings.balancer }),
    },
    {
      method: 'POST',
      path: '/control/balancer',
      summary: 'Change how requests are balanced over the workers: at once, and over restarts',
      control: true,
      body: balancerBody,
      async handle(request) {
        const change = await request.readJson(balancerBody);
        await service.ask('set', (number) => ({ kind: 'set-balancer', request: number, change }));
        return { status: 200, json: service.state.settings.balancer };
      },
    },
    {
      method: 'POST',
      path: '/control/lines',
      summary: 'Whether quit, said in line mode, stops the cluster; over restarts',
      control: true,
      body: linesBody,
      async handle(request) {
        const lines = await request.readJson(linesBody);
        await service.ask('set', (number) => ({ kind: 'set-lines', request: number, lines }));
        return { status: 200, json: service.state.settings.lineMode };
      },
    },
  ];
}

/** What can be set while the master runs. */
function tuningRoutes(service: MasterService): Route[] {
  return [
    {
      method: 'POST',
      path: '/control/orders',
      summary: 'Orders of fruit: bounds of the drawn times, and whether workers of ours take them; over restarts',
      control: true,
      body: orderSettingsBody,
      async handle(request) {
        const change = await request.readJson(orderSettingsBody);
        await service.ask('set', (number) => ({ kind: 'set-orders', request: number, change }));
        return { status: 200, json: service.state.queue.orders };
      },
    },
    {
      method: 'GET',
      path: '/control/detector',
      summary: 'The parameters of the failure detector',
      control: true,
      handle: () => ({ status: 200, json: parametersOf(service.state.settings.phi) }),
    },
    {
      method: 'POST',
      path: '/control/detector',
      summary: 'Change parameters of the failure detector: at once, on all workers, and over restarts',
      control: true,
      body: detectorBody,
      async handle(request) {
        const change = await request.readJson(detectorBody);
        await service.ask('set', (number) => ({ kind: 'set-detector', request: number, change }));
        return { status: 200, json: parametersOf(service.state.settings.phi) };
      },
    },
    {
      method: 'POST',
      path: '/control/tenants',
      summary: "Set a tenant's share of the workers",
      control: true,
      body: tenantBody,
      async handle(request) {
        const { tenant, weight } = await request.readJson(tenantBody);
        await service.ask('set', (number) => ({ kind: 'set-weight', request: number, tenant, weight }));
        return { status: 204 };
      },
    },
  ];
}

function scalingRoutes(service: MasterService): Route[] {
  return [
    {
      method: 'GET',
      path: '/control/autoscaler',
      summary: 'How the autoscaler stands',
      control: true,
      handle: () => ({ status: 200, json: service.autoscaler() }),
    },
    {
      method: 'POST',
      path: '/control/autoscaler',
      summary: 'Switch the autoscaler, or change its parameters: at once, and over restarts',
      control: true,
      body: autoscalerBody,
      async handle(request) {
        const change = await request.readJson(autoscalerBody);
        await service.ask('set', (number) => ({ kind: 'set-autoscaler', request: number, change }));
        return { status: 200, json: service.autoscaler() };
      },
    },
  ];
}
