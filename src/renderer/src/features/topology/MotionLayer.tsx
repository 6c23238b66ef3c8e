/** The canvas over the picture; follows its viewport and its layout. */
import { useEffect, useRef } from 'react';
import { useStoreApi } from '@xyflow/react';
import { onSample } from '../../stores/samples-store.ts';
import { motionAllowed, settingsStore } from '../../stores/settings-store.ts';
import { onTheme } from '../../ui/canvas.ts';
import { Motion } from './motion.ts';
import type { Stage } from './motion-draw.ts';
import styles from './topology.module.css';

/** Names begin with their role; looking a thousand of them up in the picture would cost more. */
function monitorOfNode(node: string): string | null {
  if (node.startsWith('worker-')) return 'master';
  return node.startsWith('datanode-') ? 'headnode' : null;
}

export function MotionLayer({ stage }: { stage: Stage }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stageRef = useRef(stage);
  const motionRef = useRef<Motion | null>(null);
  const flow = useStoreApi();

  useEffect(() => {
    if (!canvas.current) return undefined;
    const motion = new Motion(canvas.current, monitorOfNode);
    motionRef.current = motion;
    motion.stage = stageRef.current;
    const follow = (): void => {
      const [x, y, zoom] = flow.getState().transform;
      motion.viewport = { x, y, zoom };
    };
    const allow = (): void => motion.setAllowed(motionAllowed());
    follow();
    allow();
    const stops = [
      flow.subscribe(follow),
      onSample((push) => motion.take(push)),
      settingsStore.subscribe(allow),
      onTheme(() => motion.readColours()),
      () => motion.stop(),
    ];
    return () => stops.forEach((stop) => stop());
  }, [flow]);

  useEffect(() => {
    stageRef.current = stage;
    if (motionRef.current) motionRef.current.stage = stage;
  }, [stage]);

  return <canvas ref={canvas} className={styles['motion']} aria-hidden="true" />;
}
