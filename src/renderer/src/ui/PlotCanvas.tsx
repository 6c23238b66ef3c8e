/** A canvas that draws itself anew whenever what it shows, its size or the theme changes, and says where it is pointed at. */
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { onTheme, themeColours } from './canvas.ts';
import { PLOT_COLOURS, secondAtX, type PlotColours, type Span } from './plot.ts';
import styles from './PlotCanvas.module.css';

type Props = {
  label: string;
  height: number;
  span: Span;
  draw: (canvas: HTMLCanvasElement, colours: PlotColours) => void;
  onPoint: (second: number | null) => void;
  onPick?: (second: number) => void;
};

export function PlotCanvas({ label, height, span, draw, onPoint, onPick }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref, width } = useElementSize();
  const [colours, setColours] = useState<PlotColours | null>(null);
  useEffect(() => onTheme(() => setColours(themeColours(PLOT_COLOURS))), []);
  useEffect(() => {
    if (canvas.current !== null && colours !== null && width > 0) draw(canvas.current, colours);
  }, [draw, colours, width, height]);
  return (
    <div
      ref={ref}
      className={styles['plot']}
      style={{ height }}
      onMouseMove={(event) => {
        const { left } = event.currentTarget.getBoundingClientRect();
        onPoint(secondAtX(width, span, event.clientX - left));
      }}
      onClick={(event) => {
        const { left } = event.currentTarget.getBoundingClientRect();
        const second = secondAtX(width, span, event.clientX - left);
        if (second !== null) onPick?.(second);
      }}
      onMouseLeave={() => onPoint(null)}
    >
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
