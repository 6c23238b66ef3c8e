/** Finds the route of a request: fixed paths by a map, the others by find-my-way. */
import findMyWay from 'find-my-way';
import { OrreryError } from '../protocol/errors.ts';
import type { Route } from './http-types.ts';

const NO_PARAMS: Record<string, string> = Object.freeze({});
const PATH_BYTES_MAX = 8 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'] as const;

export type Match = { route: Route; params: Record<string, string> };
export type Router = {
  /** The route for a method and a path without query. Throws `bad-request`, `not-found`, `method-not-allowed`. */
  find(method: string, path: string): Match;
};

/** A router over `routes`. GET routes answer HEAD as well, unless HEAD has its own. */
export function createRouter(routes: readonly Route[]): Router {
  const fixed = new Map<string, Map<string, Match>>(METHODS.map((method) => [method, new Map()]));
  const wild = findMyWay({ maxParamLength: PATH_BYTES_MAX, caseSensitive: true });
  const stores = new WeakMap<object, Route>();

  function add(method: string, route: Route): void {
    if (!/[:*]/.test(route.path)) {
      fixed.get(method)?.set(route.path, { route, params: NO_PARAMS });
      return;
    }
    const handler = (): void => {};
    stores.set(handler, route);
    wild.on(METHODS.find((known) => known === method) ?? 'GET', route.path, handler);
  }

  for (const route of routes) add(route.method, route);
  for (const route of routes) {
    const own = routes.some((other) => other.method === 'HEAD' && other.path === route.path);
    if (route.method === 'GET' && !own) add('HEAD', route);
  }

  function lookUp(method: string, path: string): Match | null {
    const match = fixed.get(method)?.get(path);
    if (match !== undefined) return match;
    const known = METHODS.find((one) => one === method);
    if (known === undefined) return null;
    const found = wild.find(known, path);
    const route = found === null ? undefined : stores.get(found.handler);
    if (found === null || route === undefined) return null;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(found.params)) if (value !== undefined) params[name] = value;
    return { route, params };
  }

  return {
    find(method, path) {
      const match = lookUp(method, path);
      if (match !== null) return match;
      checkEncoding(path);
      const allow = METHODS.filter((other) => lookUp(other, path) !== null);
      if (allow.length === 0) throw new OrreryError('not-found', { what: path });
      throw new OrreryError('method-not-allowed', { method, allow: allow.join(', ') });
    },
  };
}

function checkEncoding(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw new OrreryError('bad-request', { reason: 'the path is not valid percent-encoded UTF-8' });
  }
}
