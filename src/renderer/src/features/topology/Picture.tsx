/** The topology as a picture. */
import {
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  ViewportPortal,
  type Node,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { ActionIcon } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { lineMark, troubledEdges, type EdgeTrouble } from '../../parts/fault-marks.ts';
import { pictureStore, usePicture } from '../../stores/picture-store.ts';
import { clearSelection, selectionStore, selectNodes, useSelection } from '../../stores/selection-store.ts';
import { useT } from '../../stores/settings-store.ts';
import { BreakMenu, openBreakMenu } from './BreakMenu.tsx';
import { ClientView } from './ClientView.tsx';
import { EdgeView, type EdgeData } from './EdgeView.tsx';
import { GroupView, type GroupData } from './GroupView.tsx';
import { LaneHeaders } from './LaneHeaders.tsx';
import { fitBox, type Layout, type Placed } from './layout.ts';
import { MotionLayer } from './MotionLayer.tsx';
import { NodeView } from './NodeView.tsx';
import styles from './topology.module.css';
import { useKeys } from './use-keys.ts';
import { useTopology, type Topology } from './use-topology.ts';
import { perform } from '../../perform.ts';

// `group` is a type of the library's own, with a frame and a meaning of its own.
const nodeTypes = { node: NodeView, tile: GroupView, client: ClientView };
const MULTI_KEYS = ['Shift', 'Meta', 'Control'];
/** Beyond this many lines only those near the selection carry their number. */
const NUMBERED_LINES_MAX = 60;
const HEADER_WIDTH = 168;

/** Size of each kind, and where its shape's centre lies in it: names stand where no edges run. */
const BOXES = {
  worker: { width: 104, height: 92, centreX: 52, centreY: 62 },
  master: { width: 190, height: 56, centreX: 28, centreY: 28 },
  headnode: { width: 190, height: 56, centreX: 28, centreY: 28 },
  datanode: { width: 104, height: 92, centreX: 52, centreY: 28 },
  group: { width: 132, height: 148, centreX: 66, centreY: 82 },
  client: { width: 72, height: 60, centreX: 36, centreY: 30 },
} as const;

function flowNode(thing: Placed, slots: Topology['slots'], selected: readonly string[]): Node {
  const box = BOXES[thing.kind === 'node' ? thing.role : thing.kind];
  const data: GroupData | Record<string, never> =
    thing.kind === 'group' ? { role: thing.role, members: thing.members, slots } : {};
  return {
    id: thing.id,
    type: thing.kind === 'group' ? 'tile' : thing.kind,
    data,
    position: { x: thing.x - box.centreX, y: thing.y - box.centreY },
    width: box.width,
    height: box.height,
    selectable: thing.kind === 'node',
    selected: selected.includes(thing.id),
  };
}

function edgesOf({ layout, lines }: Topology, troubles: ReadonlyMap<string, EdgeTrouble>): EdgeData[] {
  const members = new Map(layout.placed.map((thing) => [thing.id, thing.kind === 'group' ? thing.members : null]));
  const quiet = lines.length > NUMBERED_LINES_MAX;
  return lines.map((line) => {
    const fromMembers = members.get(line.from) ?? null;
    const toMembers = members.get(line.to) ?? null;
    const mark = lineMark(fromMembers ?? [line.from], toMembers ?? [line.to], troubles);
    return { line, fromMembers, toMembers, quiet, mark };
  });
}

/** What selecting or unselecting by pointer or lasso makes of the selection. */
function applyChanges(changes: NodeChange[]): void {
  const selects = changes.filter((change) => change.type === 'select');
  if (selects.length === 0) return;
  const next = new Set(selectionStore.getState().nodes);
  for (const { id, selected } of selects) {
    if (selected) next.add(id);
    else next.delete(id);
  }
  selectNodes([...next]);
}

/** Of the whole selection, when the node is part of it. */
function openNodeMenu(event: MouseEvent, { id, type }: Node): void {
  if (type !== 'node') return;
  event.preventDefault();
  const { nodes } = selectionStore.getState();
  openBreakMenu({ nodes: nodes.includes(id) ? nodes : [id] }, event.clientX, event.clientY);
}

function openSelectionMenu(event: MouseEvent): void {
  event.preventDefault();
  openBreakMenu({ nodes: selectionStore.getState().nodes }, event.clientX, event.clientY);
}

export function Picture({ stale }: { stale: boolean }) {
  return (
    <ReactFlowProvider>
      <Flow stale={stale} />
    </ReactFlowProvider>
  );
}

function Flow({ stale }: { stale: boolean }) {
  const t = useT();
  const topology = useTopology();
  const { nodes: selected } = useSelection();
  const { ref, width, height } = useElementSize();
  const { layout, slots } = topology;
  const nodes = useMemo(
    () => layout.placed.map((thing) => flowNode(thing, slots, selected)),
    [layout, slots, selected],
  );
  const faults = usePicture((picture) => picture.faults);
  const edges = useMemo(
    () => edgesOf(topology, troubledEdges(faults, pictureStore.getState().picture.nodes)),
    [topology, faults],
  );
  const view = useView(layout, width, height);
  const onKeyDown = useKeys(layout);
  return (
    <div className={styles['picture']} ref={ref} data-stale={stale} data-testid="topology">
      <div
        className={styles['flow']}
        role="group"
        aria-label={t('topology.picture')}
        tabIndex={0}
        onKeyDown={onKeyDown as (event: KeyboardEvent) => void}
      >
        <ReactFlow
          nodes={nodes}
          nodeTypes={nodeTypes}
          onNodesChange={applyChanges}
          onPaneClick={clearSelection}
          onNodeContextMenu={openNodeMenu}
          onSelectionContextMenu={openSelectionMenu}
          onMoveStart={view.onMove}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          selectionOnDrag
          selectionMode={SelectionMode.Partial}
          selectionKeyCode={null}
          multiSelectionKeyCode={MULTI_KEYS}
          deleteKeyCode={null}
          disableKeyboardA11y
          panOnDrag={[1, 2]}
          panOnScroll
          zoomOnDoubleClick={false}
          minZoom={0.15}
          maxZoom={2}
          onlyRenderVisibleElements={nodes.length > 300}
          proOptions={{ hideAttribution: true }}
        >
          <ViewportPortal>
            <svg className={styles['edges']} role="img" aria-label={t('topology.edges')}>
              {edges.map((edge) => (
                <EdgeView key={edge.line.id} edge={edge} />
              ))}
            </svg>
          </ViewportPortal>
          <MotionLayer stage={topology.stage} />
          <LaneHeaders lanes={layout.lanes} height={height} disabled={stale} />
        </ReactFlow>
      </div>
      <BreakMenu />
      <Tools view={view} />
    </div>
  );
}

function Tools({ view }: { view: ReturnType<typeof useView> }) {
  const t = useT();
  return (
    <div className={styles['tools']} role="group" aria-label={t('topology.view')}>
      <ActionIcon aria-label={t('action.zoom-out')} onClick={() => view.zoom(0.8)}>
        <IconMinus size={16} />
      </ActionIcon>
      <ActionIcon aria-label={t('action.zoom-in')} onClick={() => view.zoom(1.25)}>
        <IconPlus size={16} />
      </ActionIcon>
      <ActionIcon aria-label={t('action.fit')} onClick={view.fit}>
        <IconMaximize size={16} />
      </ActionIcon>
    </div>
  );
}

/** Keeps the picture fitted to its area until a person moves it; Fit gives it back. */
function useView(layout: Layout, width: number, height: number) {
  const { setViewport, zoomTo, getZoom } = useReactFlow();
  const held = useRef(false);
  const { left, right, top, bottom } = layout.box;
  const fit = useCallback(() => {
    if (width === 0 || height === 0) return;
    perform(setViewport(fitBox({ left, right, top, bottom }, { width, height, left: HEADER_WIDTH })));
  }, [left, right, top, bottom, width, height, setViewport]);
  useEffect(() => {
    if (!held.current) fit();
  }, [fit]);
  return {
    fit: () => {
      held.current = false;
      fit();
    },
    zoom: (factor: number) => {
      held.current = true;
      perform(zoomTo(getZoom() * factor));
    },
    /** A move without an event is our own. */
    onMove: (event: unknown) => {
      if (event) held.current = true;
    },
  };
}
