// Pure. The filter: whether an upstream can serve a request at all, and if not, why.
import type { Capability, DialectName, SnapshotModel, SnapshotUpstream } from '../snapshot/snapshot.ts';
import type { PlanInput, PlannedChoice } from './choice.ts';
import { modelFits } from './match.ts';

/** A choice that may serve, before it is ranked. */
export interface Fitting {
  choice: PlannedChoice;
  /** Set when the model's window looks too small by the estimate of the input; it then comes last, not never. */
  tooSmall: string | undefined;
}

/** Capabilities that the request needs, in the words of `lacks`. */
export function needsOf({ ask }: PlanInput): Capability[] {
  const needs: Capability[] = [];
  if (ask.tools > 0) needs.push('tools');
  if (ask.images) needs.push('images');
  if (ask.thinking) needs.push('thinking');
  if (ask.webSearch) needs.push('web-search');
  return needs;
}

/** The choice that an upstream makes possible, or why there is none. */
export function fit(upstream: SnapshotUpstream, model: string, at: { priority: number; weight: number; why: string; needs: readonly Capability[] }, input: PlanInput): Fitting | string {
  const { ask } = input;
  if (upstream.status !== 'ACTIVE') return 'paused';
  if (upstream.credentials.length === 0) return 'has no credential';
  const mapped = upstream.models === undefined ? model : upstream.models.find((row) => modelFits(row.model, model))?.upstreamModel;
  if (mapped === undefined) return `does not serve ${model}`;
  const dialect = dialectFor(upstream, input);
  if (dialect === undefined) return ask.does === 'generate' ? `cannot be spoken to from ${ask.dialect}` : `does not speak ${ask.dialect}`;
  if (ask.does === 'count' && upstream.addressing === 'BEDROCK') return 'does not count tokens';
  const sent = mapped === '*' ? model : mapped;
  const known = input.modelOf(sent) ?? input.modelOf(model);
  for (const need of at.needs) {
    if (upstream.lacks?.includes(need)) return `lacks ${words[need]}, which the request needs`;
    if (known?.lacks?.includes(need)) return `${sent} lacks ${words[need]}, which the request needs`;
  }
  const price = input.priceOf(sent, upstream.id, input.nowMs);
  if (!price && input.needsPrice) return `${sent} has no price, so a budget cannot cover it`;
  if (!price && ask.does === 'generate' && isLimitedInDollars(upstream)) return `${sent} has no price, so the budget of ${upstream.name} cannot cover it`;
  return { choice: { upstream, model: sent, dialect, priority: at.priority, weight: at.weight, reason: at.why, credentials: [], price, times: input.timesOf?.(upstream.id, input.principal.tenant, input.principal.key.id) }, tooSmall: windowProblem(known, sent, input) };
}

/** Whether every call to it is made from a lease of dollars: its own, or its credentials'. */
function isLimitedInDollars({ purses, credentials }: SnapshotUpstream): boolean {
  return purses?.includes('USD') === true || credentials.every((credential) => credential.purses?.includes('USD') === true);
}

const words: Record<Capability, string> = { 'tools': 'tools', 'images': 'images', 'thinking': 'thinking', 'web-search': 'web search' };

function dialectFor(upstream: SnapshotUpstream, { ask, canConvert }: PlanInput): DialectName | undefined {
  if (upstream.dialects.includes(ask.dialect)) return ask.dialect;
  // Chat has no endpoint that counts; other calls than these two have no words in another dialect.
  return ask.does === 'other' ? undefined : upstream.dialects.find((name) => canConvert(ask.dialect, name) && (ask.does === 'generate' || name !== 'openai-chat'));
}

function windowProblem(model: SnapshotModel | undefined, sent: string, { ask }: PlanInput): string | undefined {
  if (model?.contextTokens === undefined || ask.does !== 'generate') return undefined;
  const output = Math.min(ask.maxOutputTokens ?? 0, model.maxOutputTokens ?? Infinity);
  if (ask.inputTokens + output <= model.contextTokens) return undefined;
  return `the window of ${sent} (${model.contextTokens} tokens) looks too small for about ${ask.inputTokens} in and ${output} out`;
}
