/** By what rule a guest is taken for dead: no φ is computed of it. */
import type { GuestKind } from '../../../../../containers/protocol/guests.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section.tsx';

export function GuestRule({ node, guest }: { node: string; guest: GuestKind }) {
  const t = useT();
  return (
    <Section title={t('phi.title', { node })}>
      <div className={page['pad']}>
        <p className="dim">{t(`phi.guest-${guest}`)}</p>
      </div>
    </Section>
  );
}
