/** What is known of the selection, and what can be done with it; the same on every page. */
import { CloseButton } from '@mantine/core';
import { useNode, useRequest } from '../../stores/picture-store.ts';
import { clearSelection, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { EdgeDetails } from './EdgeDetails.tsx';
import styles from './inspector.module.css';
import { NodeDetails } from './NodeDetails.tsx';
import { RequestDetails } from './RequestDetails.tsx';
import { TraceDetails } from './TraceDetails.tsx';
import { SeveralNodes } from './SeveralNodes.tsx';

export function Inspector() {
  const t = useT();
  const { nodes, edge, request: requestId, trace } = useSelection();
  const [first] = nodes;
  const node = useNode(nodes.length === 1 ? first : undefined);
  const request = useRequest(requestId);
  if (!node && !edge && !request && trace === null && nodes.length < 2) return null;
  const title =
    node?.node ??
    (edge ? `${edge.from} → ${edge.to}` : (request?.subject ?? (trace === null ? undefined : t('trace.title')))) ??
    t('bulk.selected', { count: nodes.length });
  return (
    <aside className={styles['inspector']} aria-label={t('inspector.label')}>
      <div className={styles['head']}>
        <h2 className={styles['title']}>{title}</h2>
        <CloseButton aria-label={t('inspector.close')} onClick={clearSelection} />
      </div>
      {node && <NodeDetails node={node} />}
      {edge && <EdgeDetails from={edge.from} to={edge.to} />}
      {request && <RequestDetails request={request} />}
      {trace !== null && <TraceDetails key={trace} trace={trace} />}
      {nodes.length > 1 && <SeveralNodes ids={nodes} />}
    </aside>
  );
}
