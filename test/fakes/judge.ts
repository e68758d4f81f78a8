/** Somebody broke the contract of a port. */
export class ContractBreach extends Error {
  override readonly name = 'ContractBreach';
}

/**
 * What makes a fake a judge: it remembers every breach, so that code under test which catches the error
 * does not get away with it. End each test with `judge.assertClean()`.
 */
export class Judge {
  readonly #breaches: ContractBreach[] = [];
  readonly #canaries = new Map<string, readonly string[]>();

  /** Fails the call, and the test. */
  breach(what: string): never {
    const error = new ContractBreach(what);
    this.#breaches.push(error);
    throw error;
  }

  /** The same as an expression's other half: `judge.demand(row.revision > 0, 'a revision of 0')`. */
  demand(holds: boolean, what: string): void {
    if (!holds) this.breach(what);
  }

  /** A value that must show up nowhere; every fake that is handed text looks for it, in five spellings. */
  forbid(value: string): void {
    this.#canaries.set(value, spellings(value));
  }

  /** Looks for forbidden values, and for a `Secret` that was turned into text on its way. */
  inspect(where: string, value: unknown): void {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    if (text.includes('[secret]')) this.breach(`a Secret was written into ${where}`);
    for (const found of [...this.#canaries.values()].filter((each) =>
      each.some((form) => text.includes(form)),
    ))
      this.breach(`a forbidden value (${found[0]?.slice(0, 4)}…) was written into ${where}`);
  }

  breaches(): readonly string[] {
    return this.#breaches.map(({ message }) => message);
  }

  /** Throws the first breach, also one that somebody has caught. */
  assertClean(): void {
    const [first] = this.#breaches;
    if (first) throw first;
  }
}

const spellings = (value: string): readonly string[] => [
  value,
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('hex'),
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
];

/** A copy as a store would hand it out: what JSON keeps, and nobody can change. */
export const stored = <T>(value: T): T => deepFreeze(JSON.parse(JSON.stringify(value))) as T;

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
