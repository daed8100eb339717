// Pure.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { UsageReader } from './hub/stream-usage.ts';
import * as anthropic from './anthropic-messages/usage.ts';
import * as chat from './openai-chat/usage.ts';
import * as responses from './openai-responses/usage.ts';
import * as gemini from './gemini-generate/usage.ts';

/** A reader for one stream of this dialect. */
export function openUsageReader(dialect: DialectName): UsageReader {
  switch (dialect) {
    case 'anthropic-messages': return anthropic.openUsageReader();
    case 'openai-chat': return chat.openUsageReader();
    case 'openai-responses': return responses.openUsageReader();
    case 'gemini-generate': return gemini.openUsageReader();
  }
}

/** The reading in a whole answer; undefined when it reports none. */
export function readUsage(dialect: DialectName, body: unknown): Reading | undefined {
  switch (dialect) {
    case 'anthropic-messages': return anthropic.readUsage(body);
    case 'openai-chat': return chat.readUsage(body);
    case 'openai-responses': return responses.readUsage(body);
    case 'gemini-generate': return gemini.readUsage(body);
  }
}
