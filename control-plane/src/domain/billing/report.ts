import type { SqlRow } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { textList } from '../upstreams/stored.ts';
import { filterColumns, labelColumns, readLabelledSums, refuseMany } from './labelled.ts';
import type { LabelFilter } from './labelled.ts';
import { periodsOf } from './period.ts';
import type { PeriodKind, Span } from './period.ts';
import { readSums } from './sums.ts';
import type { CostSums } from './sums.ts';

/** By what costs are told apart. */
export const costDimensions = ['TENANT', 'MEMBER', 'KEY', 'UPSTREAM', 'CREDENTIAL', 'CAMPAIGN', 'MODEL', 'PAYER', 'TAG', 'REPO', 'BRANCH', 'TICKET', 'SESSION'] as const;

/** One of them. */
export type CostDimension = (typeof costDimensions)[number];

const columnOf: Record<CostDimension, string> = { TENANT: 'tenant_id', MEMBER: 'member_id', KEY: 'key_id', UPSTREAM: 'upstream_id', CREDENTIAL: 'credential_id', CAMPAIGN: 'campaign_id', MODEL: 'model', PAYER: 'payer', TAG: 'tags', REPO: 'repo', BRANCH: 'branch', TICKET: 'ticket', SESSION: 'session_id' };

/** Sums of one group: when its period begins, and its value in each dimension that was asked for. */
export interface CostRow extends CostSums { at: Date | null; by: { dimension: CostDimension; value: string | null }[] }

/** What is wanted. A null tenant is all of them. */
export interface CostQuery { tenantId: string | null; span: Span; period?: PeriodKind | null | undefined; by: readonly CostDimension[]; /** Only what was for these. */ only?: LabelFilter | null | undefined }

/** Adds up what was charged within a span. With several tags a charge counts under each, so rows of TAG may add up to more than the total. */
export async function reportCosts(domain: Domain, { tenantId, span, period, by, only }: CostQuery): Promise<{ rows: CostRow[]; totals: CostSums }> {
  const starts = period ? periodsOf(span, period) : [span.from];
  const query = { tenantId, from: span.from, to: span.to, starts, columns: [...new Set(by)].map((dimension) => columnOf[dimension]) };
  const filter = only ?? {};
  const isLabelled = labelColumns.some((column) => query.columns.includes(column)) || filterColumns(filter).length > 0;
  const found = isLabelled ? readLabelledSums(domain, { ...query, filter }) : await readSums(domain, query);
  const totals = nothing();
  const rows = new Map<string, CostRow>();
  for await (const { period: number, values: row, sums } of found) {
    add(totals, sums);
    for (const values of valuesOf(row, [...new Set(by)])) {
      const at = period ? starts[number] ?? null : null;
      const name = JSON.stringify([at, values]);
      let into = rows.get(name);
      if (!into) { into = { at, by: values, ...nothing() }; rows.set(name, into); }
      add(into, sums);
    }
  }
  // Where every charge names something, nothing is left of those that do not.
  const left = isLabelled ? [...rows.values()].filter((row) => row.requests > 0n) : [...rows.values()];
  if (isLabelled) refuseMany(left.length);
  return { rows: by.length === 0 && !period ? [] : left, totals };
}

/** The values of a row in each dimension; one combination for each tag. */
function valuesOf(row: SqlRow, by: readonly CostDimension[]): CostRow['by'][] {
  const tags = by.includes('TAG') ? tagsIn(row.tags) : [null];
  return (tags.length > 0 ? tags : [null]).map((tag) => by.map((dimension) => {
    const value = dimension === 'TAG' ? tag : row[columnOf[dimension]];
    return { dimension, value: typeof value === 'string' ? value : null };
  }));
}

function tagsIn(stored: unknown): string[] {
  if (typeof stored !== 'string') return textList(stored) ?? [];
  try { return textList(JSON.parse(stored)) ?? []; } catch { return []; }
}

const nothing = (): CostSums => ({ requests: 0n, inputTokens: 0n, outputTokens: 0n, cacheReadTokens: 0n, cacheWriteTokens: 0n, costNano: 0n, excessNano: 0n, estimatedNano: 0n, estimated: 0n, unpriced: 0n });

function add(to: CostSums, more: CostSums): void {
  for (const name of ['requests', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costNano', 'excessNano', 'estimatedNano', 'estimated', 'unpriced'] as const) to[name] += more[name];
}
