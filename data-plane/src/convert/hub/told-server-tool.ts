// Pure. What a vendor's own tool found, for another vendor: the words of it.
import type { ServerToolPart } from './conversation.ts';
import type { LossList } from './loss.ts';

/** The text that takes its place in an earlier answer; nothing where it found nothing to tell. */
export function toldServerTool({ tool, found, output }: ServerToolPart, losses: LossList): string[] {
  losses.add('server tool: what it found');
  const pages = found.map(({ url, title }) => `- ${title ?? url ?? ''}${url !== undefined && title !== undefined ? ` (${url})` : ''}`);
  if (pages.length > 0) return [`${tool === 'web-search' ? 'Found on the web' : 'Read'}:\n${pages.join('\n')}`];
  return output === undefined ? [] : [`The code printed:\n${output}`];
}
