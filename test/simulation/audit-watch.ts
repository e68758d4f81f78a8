import type { AuditAction, AuditEntry, AuditRecord } from '../../lambdas/core/audit/record.ts';

/** A decision on the record that may cost a dependent its value. */
export interface Decision {
  readonly credential: string;
  readonly action: AuditAction;
  readonly reason: string;
  readonly at: number;
}

interface Effect {
  readonly credential: string;
  readonly action: AuditAction;
  intents: number;
  outcomes: number;
  last: 'intent' | 'outcome';
}

/** Reads along what is written into the audit log, and knows which effects may happen now. */
export class AuditWatch {
  readonly #elapsed: () => number;
  readonly #effects = new Map<string, Effect>();
  readonly decisions: Decision[] = [];

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  /** A record has become durable. */
  wrote({ entry }: AuditRecord): void {
    if (entry.type === 'intent' || entry.type === 'outcome') this.#effect(entry, entry.type);
    if (entry.type !== 'decision') return;
    const { action, chain: credential, why } = entry;
    this.decisions.push({ credential, action, reason: why.reason ?? '', at: this.#elapsed() });
  }

  /** Whether an intent for one of these actions is open, about that version, key or rotation. */
  isIntended(credential: string, actions: readonly AuditAction[], subjects: readonly string[]): boolean {
    return [...this.#effects].some(
      ([name, effect]) =>
        effect.credential === credential &&
        actions.includes(effect.action) &&
        effect.intents > effect.outcomes &&
        subjects.some((subject) => name.includes(subject)),
    );
  }

  /** Intents that nothing answers: neither an outcome nor a later try. */
  unanswered(): readonly string[] {
    return [...this.#effects].filter(([, { last }]) => last === 'intent').map(([name]) => name);
  }

  #effect({ chain, action, what }: AuditEntry, type: 'intent' | 'outcome'): void {
    // A minted key is known only afterwards, so an `issue` is told apart by its rotation.
    const subject = [what.rotation, what.version, action === 'issue' ? undefined : what.key];
    const name = [chain, action, ...subject.map((part) => part ?? '-')].join(' ');
    const effect = this.#effects.get(name) ?? {
      credential: chain,
      action,
      intents: 0,
      outcomes: 0,
      last: type,
    };
    this.#effects.set(name, {
      ...effect,
      intents: effect.intents + (type === 'intent' ? 1 : 0),
      outcomes: effect.outcomes + (type === 'outcome' ? 1 : 0),
      last: type,
    });
  }
}
