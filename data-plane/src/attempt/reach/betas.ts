// Pure. The features of Anthropic's API that are asked for by name.
import type { Candidate } from '../../journey/candidate.ts';
import type { Inbound } from '../../journey/inbound.ts';
import { betasTakenOut } from '../repair.ts';
import type { RepairName } from '../repair.ts';

const none: readonly string[] = [];
const longName = /\[1m\]$/i;

/** What the client asks for, when it speaks the same dialect, and what the upstream is always asked for, but for what it has refused; the name of the 1M window says the same. */
export function betasOf(inbound: Inbound, { upstream, dialect }: Pick<Candidate, 'upstream' | 'dialect'>, same: boolean, repairs: readonly RepairName[] = []): readonly string[] {
  if (dialect !== 'anthropic-messages') return none;
  const sent = same ? inbound.headers.get('anthropic-beta') : undefined;
  const named = typeof inbound.json.model === 'string' && longName.test(inbound.json.model);
  if (sent === undefined && upstream.headers === undefined && !named) return none;
  const said = [sent, upstream.headers?.['anthropic-beta']];
  const betas = said.flatMap((text) => (text ?? '').split(',')).map((beta) => beta.trim()).filter((beta) => beta !== '');
  // Claude Code takes the suffix off and sends the beta itself; whoever leaves it on means the same.
  if (named && !betas.some((beta) => beta.startsWith('context-1m'))) betas.push('context-1m-2025-08-07');
  const refused = betasTakenOut(repairs);
  return [...new Set(betas)].filter((beta) => !refused.has(beta));
}

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html;
// any other is refused with "invalid beta flag", and with it the whole request.
const knownToBedrock = ['computer-use', 'token-efficient-tools', 'interleaved-thinking', 'output-128k', 'dev-full-thinking', 'context-1m', 'context-management', 'effort', 'tool-search-tool', 'tool-examples', 'fine-grained-tool-streaming', 'compact'];

/** Whether Bedrock knows this feature, of whatever date. */
export function bedrockKnows(beta: string): boolean {
  return knownToBedrock.includes(beta.replace(/-\d{4}-\d{2}-\d{2}$/, ''));
}
