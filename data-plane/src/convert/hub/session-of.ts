// Pure. What of an end user's id is the session that it names.
import { isLoose, parseJson, textOf } from '@fairlead/shared/wire/json.ts';

/** The session in Claude Code's `metadata.user_id`: JSON in new versions, `user_…_session_…` in old ones. */
export function sessionOf(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  if (userId.startsWith('{')) {
    const read = parseJson(userId);
    return isLoose(read) ? textOf(read['session_id']) || undefined : undefined;
  }
  return /_session_([\w-]{8,})$/.exec(userId)?.[1];
}
