export function electronPath(root: string): string | null;
export function windowObstacle(
  env: Record<string, string | undefined>,
  platform: string,
  userId: number | undefined,
): string | null;
