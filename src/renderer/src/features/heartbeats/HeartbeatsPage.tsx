/** Who was heard when, how much their silence is suspected, what was judged of it, and by which parameters. */
import { monitorOf } from '../../../../core/node-names.ts';
import { useMembers } from '../../stores/picture-store.ts';
import { useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import page from '../../ui/page.module.css';
import { PageHead } from '../../ui/PageHead.tsx';
import { Section } from '../../ui/Section.tsx';
import { DetectorForm } from './DetectorForm.tsx';
import styles from './heartbeats.module.css';
import { GuestRule } from './GuestRule.tsx';
import { MemberTable } from './MemberTable.tsx';
import { NodeSuspicion } from './NodeSuspicion.tsx';
import { VerdictTable } from './VerdictTable.tsx';

export function HeartbeatsPage() {
  const t = useT();
  const members = useMembers().filter((node) => monitorOf(node.role) !== null);
  const selected = useSelection().nodes;
  const looked = members.filter((node) => selected.includes(node.node));
  const chosen = looked[0] ?? members[0];
  const judged = (looked.length === 0 && chosen ? [chosen] : looked).filter(({ guest }) => guest === undefined);
  return (
    <div className={page['page']}>
      <PageHead title={t('page.heartbeats')} text={t('heartbeats.text')} />
      <div className={styles['members']}>
        <Section title={t('heartbeats.members')} fill aside={<span className="dim">{t('heartbeats.choose')}</span>}>
          <MemberTable members={members} />
        </Section>
      </div>
      {chosen?.guest && <GuestRule node={chosen.node} guest={chosen.guest} />}
      {chosen && !chosen.guest && <NodeSuspicion key={chosen.node} node={chosen} />}
      <div className={styles['pair']}>
        <Section title={t('verdicts.title')}>
          <VerdictTable />
        </Section>
        <Section title={t('detector.title')}>
          <DetectorForm nodes={judged} />
        </Section>
      </div>
    </div>
  );
}
