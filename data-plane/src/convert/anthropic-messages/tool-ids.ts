// Pure. This vendor takes only some characters in the id of a call; other vendors use more.

/** Gives each id one of its own in the allowed characters, and the same one for the same id. */
export function createToolIds(): (id: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (id) => {
    const known = given.get(id);
    if (known !== undefined) return known;
    const clean = id.replace(/[^a-zA-Z0-9_-]/g, '_') || 'call';
    let unique = clean;
    for (let n = 2; taken.has(unique); n++) unique = `${clean}_${n}`;
    given.set(id, unique);
    taken.add(unique);
    return unique;
  };
}
