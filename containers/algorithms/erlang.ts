/**
 * How many servers keep responses short: the queue M/M/n (Erlang 1917), with the mean wait corrected for
 * service times that are not exponential (Allen and Cunneen) and the service times taken as they were
 * measured, so that a constant one is not held for a long tail.
 */

/** Measured service times: their mean, ms; their squared coefficient of variation; and how they lie. */
export type ServiceShape = { meanMs: number; cv2: number; parts: readonly (readonly [ms: number, share: number])[] };

/** This share of the responses may be above the threshold. */
const LATE_SHARE_MAX = 0.05;
/** More servers than this never help. */
const SERVERS_MAX = 5_000;

/** Chance that an arrival has to wait; `load` is arrivals/s × mean service time in s. 1 when it is too much. */
export function erlangC(servers: number, load: number): number {
  if (load <= 0) return 0;
  if (load >= servers) return 1;
  // Erlang B, by its recursion; the closed form overflows.
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/** Share of service times that are above the threshold by themselves: no server more changes it. */
export function lateAlone({ parts }: ServiceShape, thresholdMs: number): number {
  let late = 0;
  for (const [ms, share] of parts) if (ms > thresholdMs) late += share;
  return late;
}

/** Share of responses (wait and service) above the threshold with `servers` servers and `ratePerS` arrivals. */
export function lateShare(ratePerS: number, service: ServiceShape, servers: number, thresholdMs: number): number {
  const load = (ratePerS * service.meanMs) / 1_000;
  if (load >= servers) return 1;
  const waits = erlangC(servers, load);
  const drainPerMs = ((servers / service.meanMs - ratePerS / 1_000) * 2) / (1 + service.cv2);
  let late = 0;
  for (const [ms, share] of service.parts) {
    late += share * (ms > thresholdMs ? 1 : waits * Math.exp(-drainPerMs * (thresholdMs - ms)));
  }
  return late;
}

/** The fewest servers with which 95 % of responses are within the threshold; null when no number of them is enough. */
export function serversNeeded(ratePerS: number, service: ServiceShape, thresholdMs: number): number | null {
  if (lateAlone(service, thresholdMs) > LATE_SHARE_MAX) return null;
  const load = (ratePerS * service.meanMs) / 1_000;
  for (let servers = Math.max(1, Math.floor(load)); servers <= SERVERS_MAX; servers++) {
    if (lateShare(ratePerS, service, servers, thresholdMs) <= LATE_SHARE_MAX) return servers;
  }
  return SERVERS_MAX;
}

/** The most arrivals/s that so many servers keep within the threshold, to 1 %; 0 when no rate is. */
export function rateSustained(service: ServiceShape, servers: number, thresholdMs: number): number {
  if (lateAlone(service, thresholdMs) > LATE_SHARE_MAX || !(service.meanMs > 0)) return 0;
  let low = 0;
  let high = (servers * 1_000) / service.meanMs;
  while (high - low > high / 100) {
    const middle = (low + high) / 2;
    if (lateShare(middle, service, servers, thresholdMs) <= LATE_SHARE_MAX) low = middle;
    else high = middle;
  }
  return low;
}
