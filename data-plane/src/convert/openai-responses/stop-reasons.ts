// Pure.
import { isLoose, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { Stop, StopReason } from '../hub/stop-reason.ts';

/** Why a finished reply stopped: it tells only what cut it short. */
export function stopOf(response: Loose, hasCalls: boolean): Stop {
  const cut = isLoose(response['incomplete_details']) ? textOf(response['incomplete_details']['reason']) : undefined;
  const status = textOf(response['status']);
  return { reason: cut !== undefined || status === 'incomplete' ? cutReason(cut) : hasCalls ? 'tools' : status === 'completed' ? 'end' : 'unknown', raw: cut ?? status, sequence: undefined };
}

/** An answer that was cut for a reason nobody knows yet is still a cut one: it must not look like an end. */
function cutReason(cut: string | undefined): StopReason {
  return cut === 'content_filter' ? 'refusal' : 'length';
}

/** What cut a reply short, in this dialect's words; undefined for a whole one. */
export function incompleteReason({ reason }: Stop): 'max_output_tokens' | 'content_filter' | undefined {
  switch (reason) {
    case 'length':
    case 'context-full':
      return 'max_output_tokens';
    case 'refusal':
      return 'content_filter';
    default:
      return undefined;
  }
}
