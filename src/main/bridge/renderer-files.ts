/** The built renderer as answers: used by the web host and by the desktop's app:// scheme. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { contentPolicy, GUARD_HEADERS, NONCE_PLACEHOLDER } from './content-policy.ts';

export type FileAnswer = { status: number; headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> };

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.orrery': 'application/octet-stream',
};

/**
 * The file's name below the renderer's folder for a URL's path; null when there can be none. Only
 * plain names pass, so no path leads out of the folder, whichever way it is written.
 */
export function fileNameOf(urlPath: string): string | null {
  if (urlPath === '/') return 'index.html';
  const segments = urlPath.slice(1).split('/');
  if (!urlPath.startsWith('/') || !segments.every((segment) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(segment))) {
    return null;
  }
  return Object.hasOwn(TYPES, path.extname(urlPath)) ? segments.join('/') : null;
}

/** Answers with a file of `folder`, 404 when it is not there. A page gets a fresh nonce each time. */
export async function readRendererFile(folder: string, urlPath: string): Promise<FileAnswer> {
  const name = fileNameOf(urlPath);
  const content = name === null ? null : await readFile(path.join(folder, name)).catch(absent);
  if (name === null || content === null) {
    const headers = { ...GUARD_HEADERS, 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };
    return { status: 404, headers, body: 'There is no such file.\n' };
  }
  const nonce = randomBytes(16).toString('base64url');
  const extension = path.extname(name);
  const headers = {
    ...GUARD_HEADERS,
    'Content-Type': TYPES[extension] ?? 'application/octet-stream',
    'Content-Security-Policy': contentPolicy(nonce),
    // Names under assets/ carry a hash of their content.
    'Cache-Control': name.startsWith('assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
  };
  const body = extension === '.html' ? content.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce) : content;
  return { status: 200, headers, body };
}

function absent(thrown: unknown): null {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
  throw thrown;
}
