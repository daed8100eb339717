// Pure. This vendor takes only some characters in the id of a call, and each id once in a conversation; others are not so strict.

/** Ids of calls as this vendor takes them. */
export type ToolIds = {
  /** A new id for a call, as close to its own as can be. */
  give(id: string): string;
  /** The id that the last call of this id was given. */
  of(id: string): string;
};

/** Starts with no id given. */
export function createToolIds(): ToolIds {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  const give = (id: string): string => {
    const clean = id.replace(/[^a-zA-Z0-9_-]/g, '_') || 'call';
    let unique = clean;
    for (let n = 2; taken.has(unique); n++) unique = `${clean}_${n}`;
    given.set(id, unique);
    taken.add(unique);
    return unique;
  };
  return { give, of: (id) => given.get(id) ?? give(id) };
}
