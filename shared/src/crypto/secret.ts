// Pure.

/** A secret that can be used but not printed: every way of showing it says `[secret]`. */
export class Secret {
  readonly #value: string;
  constructor(value: string) { this.#value = value; }
  /** The secret itself. Call it only where it is put on the wire. */
  reveal(): string { return this.#value; }
  toString(): string { return '[secret]'; }
  toJSON(): string { return '[secret]'; }
  [Symbol.for('nodejs.util.inspect.custom')](): string { return '[secret]'; }
}
