/**
 * A value that must never reach a log, an event, a ledger row, an audit record or an error.
 *
 * Every way a runtime has of turning an object into text prints `[secret]`: string conversion,
 * `JSON.stringify`, `console.log` and template literals. `reveal` is the only way out, so a reviewer
 * finds every use of a plaintext by searching for one word.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The plaintext. Call it where the value crosses to the vault or to its target, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  /** Compares two secrets without revealing either to the caller. Takes as long for any two of one length. */
  equals(other: Secret): boolean {
    const [mine, theirs] = [this.#value, other.#value];
    let difference = mine.length ^ theirs.length;
    for (let at = 0; at < mine.length; at += 1)
      difference |= mine.charCodeAt(at) ^ (theirs.charCodeAt(at) || 0);
    return difference === 0;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  /** What `console.log` and `util.inspect` print; the symbol is Node's, registered globally. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
