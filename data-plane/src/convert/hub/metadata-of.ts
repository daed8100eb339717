// Pure. The notes that a client puts on a request.
import { isLoose } from '@fairlead/shared/wire/json.ts';

/** The texts among them; undefined when there are none. */
export function metadataOf(value: unknown): { readonly [name: string]: string } | undefined {
  if (!isLoose(value)) return undefined;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
}
