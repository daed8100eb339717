// Pure. How well upstreams do, as planning sees it, heartbeats carry it and simulations use it.

/** One model of one upstream, as one node has seen it. */
export interface UpstreamHealth {
  upstream: string;
  model: string;
  /** OPEN: not to be called before `untilMs`. HALF_OPEN: one probe is due or under way. */
  state: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
  /** Why it is open: the class of the failure that opened it. */
  why?: string;
  /** Epoch ms. */
  untilMs?: number;
  /** Failures among the calls of the window, 0 to 1. */
  failureShare: number;
  /** Calls in the window. */
  calls: number;
  /** Mean time to the first content in ms, newer ones weighing more; absent before the first. */
  ttftMs?: number;
  /** The share of input tokens read from the upstream's prompt cache, 0 to 1, newer ones weighing more. */
  cacheHitShare?: number;
  /** Calls under way on this node. */
  inFlight: number;
}

/** One credential, as one node has seen it. */
export interface CredentialHealth {
  credential: string;
  /** Epoch ms until which it rests, and why; absent when it is well. */
  untilMs?: number;
  why?: string;
  /** The share of the vendor's limit that is used, 0 to 1, by its own headers; absent when they do not say. */
  usedShare?: number;
  inFlight: number;
}

/** Everything a node knows; what is not listed is well and unknown. */
export interface HealthReport { upstreams: UpstreamHealth[]; credentials: CredentialHealth[] }

/** Health as planning asks for it. */
export interface HealthView {
  upstream(upstreamId: string, model: string): UpstreamHealth | undefined;
  credential(credentialId: string): CredentialHealth | undefined;
}

/** A view of a report. */
export function viewOf(report: HealthReport): HealthView {
  const upstreams = new Map(report.upstreams.map((row) => [healthName(row.upstream, row.model), row]));
  const credentials = new Map(report.credentials.map((row) => [row.credential, row]));
  return { upstream: (id, model) => upstreams.get(healthName(id, model)), credential: (id) => credentials.get(id) };
}

/** The name under which a model of an upstream is remembered; letter case does not matter. */
export function healthName(upstreamId: string, model: string): string {
  return `${upstreamId}|${model.toLowerCase()}`;
}
