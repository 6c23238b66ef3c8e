/** Where a webhook worker is, as it said itself, and where that is from here. */
import { WEBHOOK_URL_LENGTH_MAX } from '../../protocol/guests.ts';

/** Names under which a program on the host means its own machine. */
const OWN_MACHINE = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0|host\.docker\.internal)$/;

export type WebhookUrl = { ok: true; url: string } | { ok: false; reason: string };

/** A base URL without its trailing slash, the same for all spellings of it. */
export function readWebhookUrl(text: string): WebhookUrl {
  if (text.length > WEBHOOK_URL_LENGTH_MAX) {
    return { ok: false, reason: `webhook_url has more than ${WEBHOOK_URL_LENGTH_MAX} characters` };
  }
  if (!URL.canParse(text)) return { ok: false, reason: 'webhook_url must be like http://host:port' };
  const url = new URL(text);
  if (url.protocol !== 'http:') return { ok: false, reason: 'webhook_url must begin with http://' };
  if (url.username !== '' || url.password !== '') return { ok: false, reason: 'webhook_url may hold no password' };
  if (url.search !== '' || url.hash !== '') return { ok: false, reason: 'webhook_url may hold no ? and no #' };
  return { ok: true, url: `${url.origin}${url.pathname}`.replace(/\/+$/, '') };
}

/**
 * The URL to call. `hostGateway` is the name of the host as seen from inside a container, null outside of one:
 * there `localhost` would be the container itself.
 */
export function reachableUrl(url: string, hostGateway: string | null): string {
  const parsed = new URL(url);
  if (hostGateway === null || !OWN_MACHINE.test(parsed.hostname)) return url;
  parsed.hostname = hostGateway;
  return parsed.href.replace(/\/+$/, '');
}
