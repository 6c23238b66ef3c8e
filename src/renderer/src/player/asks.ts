/** Shows what the desktop asks for: a link that was followed, a recording that was opened. */
import type { Client, HostAsk } from '../../../contract/contract.ts';
import { perform } from '../perform.ts';
import { keepReading } from '../stores/feeds.ts';
import { openPage, PAGES } from '../stores/navigation-store.ts';
import { selectNodes } from '../stores/selection-store.ts';
import { playFile } from './playback.ts';

/** Listens to the panel's asks for as long as the window lives, also while a recording plays. */
export function followAsks(panel: Client): void {
  perform(keepReading(panel, 'host.asks', () => undefined, show, new AbortController().signal));
}

/** A link names a page or a node; what is not there is not shown. */
function show(ask: HostAsk): void {
  if (ask.show === 'page') {
    const page = PAGES.find((known) => known === ask.page);
    if (page) openPage(page);
  } else if (ask.show === 'node') {
    openPage('topology');
    selectNodes([ask.node]);
  } else {
    const file = Uint8Array.from(atob(ask.file), (letter) => letter.charCodeAt(0));
    perform(playFile(new Blob([file])));
  }
}
