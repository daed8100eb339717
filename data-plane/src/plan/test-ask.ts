// For tests: requests as the door hands them over, and tables to plan them with.
import { upstream } from '@fairlead/shared/plan/test-plan.ts';
import { resolveEndpoint } from '../http/endpoints.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Principal } from '../journey/principal.ts';
import { tableFrom } from '../snapshot/test-table.ts';
import type { TestTable } from '../snapshot/test-table.ts';
import type { RoutingTable } from '../snapshot/table.ts';

/** A request with this body. */
export function inboundOf(path: string, body: Record<string, unknown>, headers: Record<string, string> = {}, exchangeId = 'exc_1'): Inbound {
  const endpoint = resolveEndpoint(path);
  if (!endpoint) throw new Error(path);
  const json = { model: 'claude-haiku-5-5', ...body };
  return { exchangeId, endpoint, headers: new Map(Object.entries(headers)), query: new URLSearchParams(), address: '', body: Buffer.from(JSON.stringify(json)), json, receivedAtMs: 0, signal: new AbortController().signal };
}

/** A table of these upstreams (five by default) and whatever else a test says. */
export function tableOf(more: TestTable = {}): RoutingTable {
  return tableFrom({
    tenants: [{ id: 'ten_1', status: 'ACTIVE' }],
    upstreams: ['a', 'b', 'c', 'd', 'e'].map((id) => upstream(id)), ...more,
  });
}

/** A caller without limits. */
export function principalOf(tenant = 'ten_1'): Principal {
  return { tenant, key: { id: 'key_1', tenant, status: 'ACTIVE', funding: 'WALLET', leased: false } };
}
