import type { IncomingMessage } from 'node:http';

/** The headers of a request on Node as a map, without a copy: Node has put them in lower case already. */
export function headersOf(incoming: IncomingMessage): ReadonlyMap<string, string> {
  return new NodeHeaders(incoming.headers);
}

class NodeHeaders implements ReadonlyMap<string, string> {
  readonly #headers: IncomingMessage['headers'];
  constructor(headers: IncomingMessage['headers']) { this.#headers = headers; }
  get(name: string): string | undefined {
    const value = this.#headers[name];
    return typeof value === 'string' ? value : value?.join(', ');
  }
  has(name: string): boolean { return this.#headers[name] !== undefined; }
  get size(): number { return Object.keys(this.#headers).length; }
  *entries(): MapIterator<[string, string]> {
    for (const name in this.#headers) {
      const value = this.get(name);
      if (value !== undefined) yield [name, value];
    }
    return undefined;
  }
  *keys(): MapIterator<string> { for (const [name] of this.entries()) yield name; return undefined; }
  *values(): MapIterator<string> { for (const [, value] of this.entries()) yield value; return undefined; }
  [Symbol.iterator](): MapIterator<[string, string]> { return this.entries(); }
  forEach(each: (value: string, name: string, map: ReadonlyMap<string, string>) => void): void {
    for (const name in this.#headers) {
      const value = this.get(name);
      if (value !== undefined) each(value, name, this);
    }
  }
}
