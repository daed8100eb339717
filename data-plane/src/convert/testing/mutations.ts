// Pure. Random damage to JSON and to streams, by dice that can be thrown again.

/** Dice with a seed. */
export type Dice = { below(n: number): number; pick<T>(items: readonly T[]): T; chance(share: number): boolean };

/** Dice that fall the same for the same seed (mulberry32). */
export function openDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    chance: (share) => next() < share,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}

const oddities: readonly unknown[] = [null, true, false, 0, -1, 1e308, 0.5, Number.MAX_SAFE_INTEGER, '', ' ', 'x', '\u0000', '\ud800', '🦊'.repeat(50), 'data:image/png;base64,@@', 'file:///etc/passwd', [], {}, [[]], [null], { type: 'text' }, { type: null }, { toString: 1 }, { valueOf: 1, toString: 2 }, '__proto__', 'a'.repeat(20_000)];
const names: readonly string[] = ['type', 'role', 'content', 'text', 'id', 'tool_calls', 'parts', 'input', 'name', 'arguments', 'source', 'usage', 'output', '__proto__', 'constructor', 'toString'];

/** A copy of a value, damaged in one to four places. `another` gives a value to take pieces from. */
export function mutated(value: unknown, dice: Dice, another: () => unknown): unknown {
  let copy: unknown = structuredClone(value);
  for (let times = 1 + dice.below(4); times > 0; times--) copy = damaged(copy, dice, another, 0);
  return copy;
}

function damaged(value: unknown, dice: Dice, another: () => unknown, depth: number): unknown {
  // Goes down to a place of its own before it breaks something.
  if (depth < 12 && dice.chance(0.85)) {
    if (Array.isArray(value) && value.length > 0) {
      const at = dice.below(value.length);
      return value.map((item: unknown, index) => (index === at ? damaged(item, dice, another, depth + 1) : item));
    }
    if (isObject(value)) {
      const keys = Object.keys(value);
      if (keys.length > 0) { const key = dice.pick(keys); return { ...value, [key]: damaged(value[key], dice, another, depth + 1) }; }
    }
  }
  switch (dice.below(9)) {
    case 0: return dice.pick(oddities);
    case 1: return pieceOf(another(), dice);
    case 2: return nestedIn(value, dice.chance(0.1) ? 20_000 : 30);
    case 3: return Array.isArray(value) ? [...value, ...value] : [value, value];
    case 4: return isObject(value) ? without(value, dice) : undefined;
    case 5: return isObject(value) ? { ...value, [dice.pick(names)]: dice.pick(oddities) } : typeof value === 'object' ? '[object Object]' : String(value);
    case 6: return Array.isArray(value) ? value.toReversed() : typeof value === 'string' ? Number(value) : Number.NaN;
    case 7: return typeof value === 'string' ? value.slice(0, dice.below(value.length + 1)) : { wrapped: value };
    default: return Array.isArray(value) ? value.slice(1) : pieceOf(value, dice);
  }
}

function pieceOf(value: unknown, dice: Dice): unknown {
  let piece = value;
  for (let steps = dice.below(5); steps > 0 && typeof piece === 'object' && piece !== null; steps--) {
    const items: unknown[] = Object.values(piece);
    if (items.length === 0) break;
    piece = items[dice.below(items.length)];
  }
  return piece;
}

function nestedIn(value: unknown, depth: number): unknown {
  let outer = value;
  for (let times = 0; times < depth; times++) outer = times % 2 === 0 ? [outer] : { content: outer };
  return outer;
}

function without(value: { readonly [field: string]: unknown }, dice: Dice): unknown {
  const keys = Object.keys(value);
  const gone = keys[dice.below(keys.length)];
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone));
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A stream's text with frames cut, doubled, swapped, mixed with another's, broken inside or ended early. */
export function scrambled(text: string, dice: Dice, another: () => string): string {
  let frames = text.split('\n\n').filter((frame) => frame !== '');
  for (let times = 1 + dice.below(3); times > 0 && frames.length > 0; times--) {
    const at = dice.below(frames.length);
    const frame = frames[at] ?? '';
    switch (dice.below(9)) {
      case 0: frames.splice(at, 1); break;
      case 1: frames.splice(at, 0, frame); break;
      case 2: frames = frames.slice(0, at); break;
      case 3: frames.splice(at, 1, frame.slice(0, dice.below(frame.length + 1))); break;
      case 4: frames.splice(at, 0, dice.pick(another().split('\n\n').filter((other) => other !== ''))); break;
      case 5: { const other = dice.below(frames.length); [frames[at], frames[other]] = [frames[other] ?? '', frame]; break; }
      case 6: frames.splice(at, 1, damagedFrame(frame, dice)); break;
      case 7: frames.splice(at, 1, frame.replaceAll('\n', '\r\n')); break;
      default: frames.splice(at, 0, dice.pick([': comment', 'data:', 'event: nothing', 'data: null', 'data: []', 'data: "x"', 'garbage', 'data: {"type":"error"}', 'data: {"error":{}}', 'data: [DONE]', 'id: 7\nretry: 5']));
    }
  }
  return frames.map((frame) => `${frame}\n\n`).join('');
}

function damagedFrame(frame: string, dice: Dice): string {
  const mark = frame.indexOf('{');
  if (mark < 0) return frame;
  try {
    const data: unknown = JSON.parse(frame.slice(mark));
    return `${frame.slice(0, mark)}${JSON.stringify(damaged(data, dice, () => data, 0) ?? null)}`;
  } catch {
    return frame.slice(0, mark + dice.below(frame.length - mark));
  }
}
