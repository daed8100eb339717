// Pure. This vendor takes ids of calls up to a length; other vendors put more into them.

/** The longest id that the vendor takes. */
const MOST_LENGTH = 64;

/** Gives each id one of its own that is short enough, and the same one for the same id. */
export function createCallIds(): (id: string) => string {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return (id) => {
    const known = given.get(id);
    if (known !== undefined) return known;
    const short = id.slice(0, MOST_LENGTH) || 'call';
    let unique = short;
    for (let n = 2; taken.has(unique); n++) unique = `${short.slice(0, MOST_LENGTH - String(n).length - 1)}_${n}`;
    given.set(id, unique);
    taken.add(unique);
    return unique;
  };
}
