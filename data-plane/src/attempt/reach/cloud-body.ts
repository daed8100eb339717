// Pure. Claude in the clouds: the model stands in the address, the version of the API in the body.
import { isLoose, listOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { bedrockKnows } from './betas.ts';
import type { Called } from './address.ts';

/** The body as this upstream's address wants it, with what was changed; the very same one when nothing is. */
export function cloudBody(json: Loose, called: Omit<Called, 'stream'>, betas: readonly string[]): { json: Loose; edits: string[] } {
  if (called.dialect === 'gemini-generate' && called.upstream.addressing === 'VERTEX' && isLoose(json.generateContentRequest)) {
    const { model: _named, ...rest } = json.generateContentRequest;
    // Vertex counts a request as it stands, without a wrapping.
    return { json: rest, edits: ['written for Vertex'] };
  }
  if (called.dialect !== 'anthropic-messages') return { json, edits: [] };
  switch (called.upstream.addressing) {
    case 'BEDROCK': {
      const { model: _model, stream: _stream, ...rest } = json;
      const asked = [...new Set([...listOf(json.anthropic_beta).filter((beta) => typeof beta === 'string'), ...betas])];
      const known = asked.filter(bedrockKnows);
      const { anthropic_beta: _betas, ...bare } = rest;
      return {
        json: { anthropic_version: 'bedrock-2023-05-31', ...(known.length > 0 ? { anthropic_beta: known } : {}), ...bare },
        edits: ['written for Bedrock', ...asked.filter((beta) => !bedrockKnows(beta)).map((beta) => `beta ${beta.slice(0, 60)} left out`)],
      };
    }
    case 'VERTEX': {
      const { model, ...rest } = json;
      // Counting has one address for all models.
      return { json: { anthropic_version: 'vertex-2023-10-16', ...rest, ...(called.does === 'count' ? { model } : {}) }, edits: ['written for Vertex'] };
    }
    default: return { json, edits: [] };
  }
}
