/** What the Tasks page asks for and shows, without React. */
import {
  TASK_KINDS,
  TASK_STATUSES,
  type FruitPayload,
  type TaskKind,
  type TaskView,
} from '../../../../../containers/protocol/tasks.ts';
import type { TaskSearch } from '../../../../contract/tasks-schema.ts';

export const FRUITS = ['apple', 'banana', 'cherry', 'mango', 'orange', 'pear'] as const;
export type Fruit = (typeof FRUITS)[number];
export type Basket = Partial<Record<Fruit, number>>;

/** One payload for each piece of fruit, in the order of FRUITS. */
export function payloadsOf(basket: Basket): FruitPayload[] {
  return FRUITS.flatMap((fruit) => Array.from({ length: basket[fruit] ?? 0 }, () => ({ fruit })));
}

export const STATUS_CHOICES = ['all', ...TASK_STATUSES] as const;
export const KIND_CHOICES = ['all', ...TASK_KINDS] as const;

/** Empty text and `all` leave the filter open. */
export type Filter = {
  search: string;
  status: (typeof STATUS_CHOICES)[number];
  kind: 'all' | TaskKind;
  worker: string;
  batch: string;
};
export const EVERYTHING: Filter = { search: '', status: 'all', kind: 'all', worker: '', batch: '' };

/** Which tasks, without their status: what a redrive takes too. */
export function whichOf({ search, kind, worker, batch }: Filter): Omit<TaskSearch, 'after' | 'limit' | 'status'> {
  return {
    ...(search.trim() === '' ? {} : { search: search.trim() }),
    ...(kind === 'all' ? {} : { kind }),
    ...(worker === '' ? {} : { worker }),
    ...(batch === '' ? {} : { batch }),
  };
}

export function queryOf(filter: Filter, after: string | null, limit: number): TaskSearch {
  return { ...whichOf(filter), ...(filter.status === 'all' ? {} : { status: filter.status }), after, limit };
}

export function payloadText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

/** What an item of an order is called. */
export function itemName({ payload, id }: TaskView): string {
  if (typeof payload === 'object' && payload !== null && 'fruit' in payload) return String(payload.fruit);
  return typeof payload === 'string' ? payload : id;
}

/** Nothing more will happen to it by itself. */
export const isFinal = (status: TaskView['status']): boolean => status === 'done' || status === 'failed';
