/** The contract's calls about records and their store, bound to the cluster that runs. */
import type { Handlers } from '../../contract/contract.ts';
import type { NotableRequest } from '../../core/journal.ts';
import { importRecords, readRecord, recordVersions, recoverStore, verifyCopies } from './record-requests.ts';
import * as requests from './requests.ts';

export type RecordMethod = Extract<keyof Handlers, `records.${string}` | `store.${string}`>;

type Services = {
  /** Throws `no-cluster` when none runs. */
  at(): requests.Endpoints;
  secret(): string;
  /** Puts a request into the journal when it is answered. */
  noted<Request extends NotableRequest>(sent: Promise<Request>): Promise<Request>;
  monotonicMs(): number;
};

export function recordHandlers({ at, secret, noted, monotonicMs }: Services): Pick<Handlers, RecordMethod> {
  const control = () => ({ base: at().headnode, secret: secret() });
  return {
    'records.put': async (write) => noted(requests.putRecord(at(), write, monotonicMs)),
    'records.get': async ({ key }) => noted(requests.getRecord(at(), key, monotonicMs)),
    'records.delete': async (which) => noted(requests.deleteRecord(at(), which, monotonicMs)),
    'records.list': async (query) => requests.listRecords(at(), query),
    'records.read': async ({ key }) => readRecord(at().headnode, key),
    'records.versions': async ({ keys }) => recordVersions(at().headnode, keys),
    'records.import': async ({ records }) => {
      const { results, request } = await importRecords(at().headnode, records, monotonicMs);
      await noted(Promise.resolve(request));
      return results;
    },
    'store.verify': async (asked) => verifyCopies(control(), asked),
    'store.recover': async (asked) => recoverStore(control(), asked),
  };
}
