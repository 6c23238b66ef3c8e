/** What the desktop is asked to show from outside: by a link, or by a file that was opened with it. */
import path from 'node:path';

/** The scheme of our links: `orrery://page/records`, `orrery://node/worker-1`. */
export const LINK_SCHEME = 'orrery';
export const RECORDING_EXTENSION = '.orrery';

/** What the window is to show. The window itself decides whether there is such a page or node. */
export type Ask = { show: 'page'; page: string } | { show: 'node'; node: string };

/** What stands in the arguments of a start: at most one link and one recording; the first of each counts. */
export type Opened = { ask: Ask | null; recording: string | null };

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * What a link asks for; null for everything that is not exactly one of ours. Any page of the web can make a
 * link, so it may name a thing to look at and nothing else: nothing is done, started or fetched by one.
 */
export function readLink(text: string): Ask | null {
  const [, kind, name = ''] = /^orrery:\/\/(page|node)\/([^/?#]+)\/?$/.exec(text) ?? [];
  if (kind === undefined || !NAME.test(name)) return null;
  return kind === 'page' ? { show: 'page', page: name } : { show: 'node', node: name };
}

/** Reads the arguments with which the desktop, or a second one, was started in `folder`. */
export function readOpened(args: readonly string[], folder: string): Opened {
  const links = args.map(readLink).filter((ask) => ask !== null);
  const files = args.filter((argument) => !argument.startsWith('-') && argument.endsWith(RECORDING_EXTENSION));
  const [file] = files;
  return { ask: links[0] ?? null, recording: file === undefined ? null : path.resolve(folder, file) };
}
