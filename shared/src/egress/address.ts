// Pure. Which addresses may be called.

/** What an IP address is, as far as calling it matters. */
export type AddressClass = 'public' | 'loopback' | 'private';

/** The class of a literal IP address (v4, v6, v4-mapped, NAT64, 6to4); undefined when the text is no IP address. */
export function classifyAddress(text: string): AddressClass | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const four = readV4(bare);
  if (four !== undefined) return classifyV4(four);
  const six = readV6(bare);
  return six && classifyV6(six);
}

/** The class of a URL's host: literals at once; `localhost` is loopback; undefined for names that must be resolved first. */
export function classifyHost(hostname: string): AddressClass | undefined {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return classifyAddress(name);
}

/** The strictest of several classes, for names that resolve to many addresses. */
export function strictest(classes: readonly AddressClass[]): AddressClass {
  return classes.includes('private') ? 'private' : classes.includes('loopback') ? 'loopback' : 'public';
}

function readV4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

// First address and prefix length of every IPv4 range that is not the public internet (IANA special-purpose registry).
const specialV4: readonly [string, number][] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
];

function classifyV4(value: number): AddressClass {
  if (Math.floor(value / 2 ** 24) === 127) return 'loopback';
  for (const [first, length] of specialV4) {
    const size = 2 ** (32 - length);
    if (Math.floor(value / size) === Math.floor((readV4(first) ?? 0) / size)) return 'private';
  }
  return 'public';
}

function readV6(text: string): number[] | undefined {
  const bare = text.split('%')[0] ?? '';
  if (!bare.includes(':')) return undefined;
  let tail = bare;
  const four = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (four) {
    const value = readV4(four[2] ?? '');
    if (value === undefined) return undefined;
    tail = `${four[1]}${Math.floor(value / 65536).toString(16)}:${(value % 65536).toString(16)}`;
  }
  const halves = tail.split('::');
  if (halves.length > 2) return undefined;
  const read = (half: string | undefined) => (half ? half.split(':') : []);
  const head = read(halves[0]);
  const rest = read(halves[1]);
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function classifyV6(groups: number[]): AddressClass {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const leadingZero = a === 0 && b === 0 && c === 0 && d === 0;
  if (leadingZero && e === 0 && f === 0 && g === 0) return h === 1 ? 'loopback' : 'private';
  const embedded = (high: number, low: number) => classifyV4(high * 65536 + low);
  if (leadingZero && e === 0 && f === 0xffff) return embedded(g, h);
  if (leadingZero && e === 0xffff && f === 0) return embedded(g, h);
  if (leadingZero && e === 0 && f === 0) return embedded(g, h);
  if (a === 0x64 && b === 0xff9b) return c === 0 && d === 0 && e === 0 && f === 0 ? embedded(g, h) : 'private';
  if (a === 0x2002) return embedded(b, c);
  // Only 2000::/3 is given out to the public; in it 2001::/23 (Teredo and protocols) and 2001:db8::/32 are not.
  if (a < 0x2000 || a > 0x3fff) return 'private';
  if (a === 0x2001 && (b < 0x200 || b === 0xdb8)) return 'private';
  return 'public';
}
