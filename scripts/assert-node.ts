/** Started by a tool's path instead of an npm script, the tests would run on whatever Node is first: refuse. */
export default function assertNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24) throw new Error(`Node ${process.versions.node} runs the tests; they need 24. Use npm scripts.`);
}
