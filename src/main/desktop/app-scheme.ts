/** Serves the built renderer under app://ui/. */
import { protocol } from 'electron';
import { readRendererFile } from '../bridge/renderer-files.ts';
import { isOwnPage, SCHEME } from './security.ts';

/** Must run before Electron is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Answers every request under the scheme with a file of `folder`. */
export function serveScheme(folder: string): void {
  protocol.handle(SCHEME, async ({ url, method }) => {
    if (!isOwnPage(url) || method !== 'GET') return new Response('Refused.\n', { status: 403 });
    const { status, headers, body } = await readRendererFile(folder, new URL(url).pathname);
    return new Response(body, { status, headers });
  });
}
