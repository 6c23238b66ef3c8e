/** A canvas that fills its element at the screen's resolution. */
export type Surface = { context: CanvasRenderingContext2D; width: number; height: number };

/** Sizes `canvas` to its element and clears it; null while it has no size. Coordinates are CSS pixels. */
export function prepareCanvas(canvas: HTMLCanvasElement): Surface | null {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (!context || width === 0 || height === 0) return null;
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Colours of the theme, read once and again when the theme changes (canvases know no CSS variables). */
export function themeColours<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const style = getComputedStyle(document.documentElement);
  const entries = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()] as const);
  return Object.fromEntries(entries) as Record<Name, string>;
}

/** Calls `listener` now and whenever the theme changes. Returns a disposer. */
export function onTheme(listener: () => void): () => void {
  listener();
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
  return () => observer.disconnect();
}
