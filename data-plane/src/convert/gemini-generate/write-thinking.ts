// Pure. How much thought is asked for, in this dialect's words.
import type { JsonObject } from '@fairlead/shared/wire/json.ts';
import type { Conversation, Effort, EffortLevel } from '../hub/conversation.ts';
import type { LossList } from '../hub/loss.ts';
import { generationOf, isPro } from './models.ts';

const BUDGETS: Readonly<Record<EffortLevel, number>> = { minimal: 512, low: 1_024, medium: 8_192, high: 24_576, xhigh: 24_576, max: 24_576 };
const LEVELS: Readonly<Record<EffortLevel, string>> = { minimal: 'MINIMAL', low: 'LOW', medium: 'MEDIUM', high: 'HIGH', xhigh: 'HIGH', max: 'HIGH' };
/** The least and the most that the large model of the second generation takes, and the most of the small ones. */
const PRO_LEAST = 128;
const PRO_MOST = 32_768;
const MOST = 24_576;
const LITE_LEAST = 512;

/** `thinkingConfig`, or nothing where nobody asked. Who asks for thought is shown it, unless they say otherwise. */
export function thinkingOf({ effort, showThinking }: Conversation, model: string, losses: LossList): { thinkingConfig?: JsonObject } {
  const generation = generationOf(model);
  if (generation === 'before-thinking') {
    if (effort && effort.kind !== 'off') losses.add('effort: not at this model');
    return {};
  }
  const wanted = effort && (generation === 'levels' ? { thinkingLevel: levelOf(effort, model, losses) } : { thinkingBudget: budgetOf(effort, model, losses) });
  const shown = showThinking ?? (effort !== undefined && effort.kind !== 'off');
  if (!wanted) return shown ? { thinkingConfig: { includeThoughts: true } } : {};
  return { thinkingConfig: { ...(shown && effort?.kind !== 'off' && { includeThoughts: true }), ...wanted } };
}

function levelOf(effort: Effort, model: string, losses: LossList): string {
  switch (effort.kind) {
    case 'off':
      // These models always think: the least is the nearest.
      if (isPro(model)) losses.add('effort: off');
      return isPro(model) ? 'LOW' : 'MINIMAL';
    case 'budget':
      return effort.tokens < 4_096 ? 'LOW' : effort.tokens < 16_384 && !isFirstPro(model) ? 'MEDIUM' : 'HIGH';
    case 'level':
      if (effort.level === 'minimal' && isPro(model)) return 'LOW';
      return effort.level === 'medium' && isFirstPro(model) ? 'HIGH' : LEVELS[effort.level];
  }
}

/** The first large model of its generation has two levels. */
function isFirstPro(model: string): boolean {
  return /gemini-3-pro/i.test(model);
}

function budgetOf(effort: Effort, model: string, losses: LossList): number {
  const pro = isPro(model);
  if (effort.kind === 'off') {
    if (pro) losses.add('effort: off');
    return pro ? PRO_LEAST : 0;
  }
  const asked = effort.kind === 'budget' ? effort.tokens : pro && (effort.level === 'xhigh' || effort.level === 'max') ? PRO_MOST : BUDGETS[effort.level];
  const least = pro ? PRO_LEAST : /lite/i.test(model) ? LITE_LEAST : 1;
  return Math.min(pro ? PRO_MOST : MOST, Math.max(least, Math.trunc(asked)));
}
