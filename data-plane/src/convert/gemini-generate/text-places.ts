// Pure. Places in a text: this vendor counts bytes of UTF-8, everybody else units of UTF-16.

/** How many bytes a text has. */
export function bytesIn(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += sizeOf(character);
  return bytes;
}

/** The unit at which this byte stands; a place within a character is its beginning, one beyond the text its end. */
export function unitAt(text: string, byte: number): number {
  let bytes = 0;
  let unit = 0;
  for (const character of text) {
    bytes += sizeOf(character);
    if (bytes > byte) return unit;
    unit += character.length;
  }
  return unit;
}

function sizeOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
