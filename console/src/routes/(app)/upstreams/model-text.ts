// Pure. Model names as people type them.

/** A name that clients ask for and the one that is sent. */
export interface Mapping { model: string; upstreamModel: string | null }

/** Reads "claude-*, fast=gpt-5.5-mini". */
export function readMappings(text: string): Mapping[] {
  return text.split(/[\s,]+/).filter((part) => part !== '').map((part) => {
    const [model = '', ...sent] = part.split('=');
    return { model, upstreamModel: sent.length === 0 ? null : sent.join('=') };
  });
}

/** Writes mappings so that readMappings reads them again. */
export function writeMappings(mappings: readonly { model: string; upstreamModel: string }[]): string {
  return mappings.map(({ model, upstreamModel }) => (upstreamModel === model || upstreamModel === '*' ? model : `${model}=${upstreamModel}`)).join(', ');
}
