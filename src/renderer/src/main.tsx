/** Starts the window. */
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './theme/tokens.css';
import './theme/widgets.css';
import { setNonce } from 'get-nonce';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { getClient, replaceClient } from './bridge.ts';
import { startClock } from './stores/clock-store.ts';
import { followAsks } from './player/asks.ts';
import { refeed } from './stores/feeds.ts';
import { installFonts } from './theme/fonts.ts';
import { followAddress } from './stores/navigation-store.ts';

// Browsers hide the attribute's value from scripts; the property keeps it.
const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
const nonce = meta?.nonce || meta?.getAttribute('nonce') || '';
setNonce(nonce);

async function start(): Promise<void> {
  if (import.meta.env.MODE !== 'production') {
    const scene = new URLSearchParams(window.location.search).get('fake');
    if (scene !== null) {
      const { createFakeClient } = await import('./bridge-fake.ts');
      const { SCENES } = await import('./fake/fake-scenes.ts');
      replaceClient(createFakeClient(SCENES.find((known) => known === scene) ?? 'running'));
    }
  }
  installFonts();
  startClock();
  followAddress();
  refeed(getClient());
  followAsks(getClient());
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App nonce={nonce} />);
}

start().catch(reportError);
