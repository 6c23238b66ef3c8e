/** The steps of a start, as engines and clusters name them, in words. */
const STEPS: Readonly<Record<string, string>> = {
  engine: 'looking for an engine',
  check: 'checking the image',
  strip: 'preparing the base image',
  base: 'building the base image',
  pull: 'pulling the base image',
  image: 'building the image',
  ready: 'the image is ready',
  nodes: 'starting the nodes',
};

/** A step in words; one that this build does not know keeps its name. */
export function describeStep(step: string): string {
  return STEPS[step] ?? step;
}
