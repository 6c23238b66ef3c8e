/** The headnode's HTTP beside the records: health, metrics and what the panel may tell it. */
import { faultRoutes } from '../kit/fault-routes.ts';
import type { Route } from '../kit/http-types.ts';
import type { RoleContext } from '../kit/role-main.ts';
import {
  detectorBody,
  drainBody,
  engineEventBody,
  recoveryAnswer,
  unsafeRecoveryBody,
  verifyAnswer,
  verifyBody,
} from '../protocol/control.ts';
import type { HeadnodeService } from './service.ts';

export function healthRoutes(service: HeadnodeService, { self, metrics }: RoleContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/health',
      summary: 'Whether the headnode lives, and how its datanodes are',
      handle() {
        const { node, role, incarnation } = self;
        const members: Record<string, number> = {};
        for (const { health } of service.members()) members[health] = (members[health] ?? 0) + 1;
        const store = service.store();
        const isServing = store.state === 'serving';
        const status = isServing ? 'healthy' : 'views-lost';
        return { status: isServing ? 200 : 503, json: { status, node, role, incarnation, members, store } };
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Numbers for Prometheus',
      handle: () => ({
        status: 200,
        headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: metrics.render(),
      }),
    },
  ];
}

export function controlRoutes(service: HeadnodeService, { self, faults }: RoleContext): Route[] {
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
    {
      method: 'POST',
      path: '/control/drain',
      summary: 'Move a datanode’s copies away where possible; then it has left',
      control: true,
      body: drainBody,
      async handle(request) {
        const { node } = await request.readJson(drainBody);
        service.drain(node);
        return { status: 202, json: { node } };
      },
    },
    {
      method: 'GET',
      path: '/control/detector',
      summary: 'The parameters of the failure detector',
      control: true,
      handle: () => ({ status: 200, json: service.detector() }),
    },
    {
      method: 'POST',
      path: '/control/detector',
      summary: 'Change parameters of the failure detector: at once, on all datanodes, and over restarts',
      control: true,
      body: detectorBody,
      async handle(request) {
        const change = await request.readJson(detectorBody);
        return { status: 200, json: await service.setDetector(change) };
      },
    },
    ...faultRoutes({ self, hand: faults, probeOf: (node) => service.probeOf(node) }),
  ];
}

/** What an operator may ask of the copies. */
export function storeRoutes(service: HeadnodeService): Route[] {
  return [
    {
      method: 'POST',
      path: '/control/verify',
      summary: 'Compute the checksums of every copy of a shard, or of one record, anew',
      control: true,
      body: verifyBody,
      answers: { 200: verifyAnswer, 404: 'no such shard' },
      async handle(request) {
        return { status: 200, json: await service.verify(await request.readJson(verifyBody)) };
      },
    },
    {
      method: 'POST',
      path: '/control/unsafe-recovery',
      summary: 'After the loss of the headnode’s disk: go on with the copies that are here; writes may be lost',
      control: true,
      body: unsafeRecoveryBody,
      answers: { 200: recoveryAnswer, 202: recoveryAnswer, 409: 'nothing is lost' },
      async handle(request) {
        const { empty, preview } = await request.readJson(unsafeRecoveryBody);
        const foreseen = service.foreseeRecovery(empty);
        if (preview) return { status: 200, json: foreseen };
        service.recoverUnsafely(empty, foreseen);
        return { status: 202, json: foreseen };
      },
    },
  ];
}
