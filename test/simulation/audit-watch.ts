import type { AuditAction, AuditEntry, AuditRecord } from '../../lambdas/core/audit/record.ts';

/** A decision on the record that may cost a dependent its value. */
export interface Decision {
  readonly credential: string;
  readonly action: AuditAction;
  readonly reason: string;
  readonly at: number;
}

/** Which effect is meant: one of these actions, about whatever is named of rotation, version and key. */
export interface EffectOn {
  readonly credential: string;
  readonly actions: readonly AuditAction[];
  readonly rotation?: string;
  readonly version?: string;
  readonly key?: string;
}

interface Effect {
  readonly credential: string;
  readonly action: AuditAction;
  readonly what: AuditEntry['what'];
  /** Intents that no outcome has answered yet. */
  readonly unanswered: number;
  /** The effect has happened, and nothing has been written about it since. */
  isOpen: boolean;
  /** Its outcome is in the log: to repeat it is no effect that needs another one. */
  isKnown: boolean;
}

/**
 * Effects behind which nothing is left to be tried again when the process dies between them and their outcome:
 * the start of a rotation whose steps already run, a label that is gone, an orphan that is gone.
 */
const MAY_STAY_OPEN: readonly AuditAction[] = ['request', 'strip-pending', 'reap'];

/** Decisions after which the rotation goes another way: what was being tried then is not tried again. */
const OVERTAKES: readonly AuditAction[] = ['breach', 'roll-back', 'deadline', 'abandon', 'unadopt'];

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
    if (entry.type === 'intent' || entry.type === 'outcome') this.#count(entry, entry.type);
    if (entry.type !== 'decision') return;
    const { action, chain: credential, why } = entry;
    if (OVERTAKES.includes(action))
      for (const effect of this.#effects.values())
        if (effect.credential === credential) effect.isOpen = false;
    this.decisions.push({ credential, action, reason: why.reason ?? '', at: this.#elapsed() });
  }

  /** Whether an intent for that effect is written and not yet answered. */
  isIntended(effect: EffectOn): boolean {
    return this.#pending(effect).length > 0;
  }

  /** An effect has just happened: from now on its intent waits for an answer. */
  happened(on: EffectOn): void {
    for (const effect of this.#pending(on)) effect.isOpen = !effect.isKnown;
  }

  /** Effects that nothing answers: neither an outcome nor a later try. */
  unanswered(): readonly string[] {
    return [...this.#effects]
      .filter(([, { isOpen, action }]) => isOpen && !MAY_STAY_OPEN.includes(action))
      .map(([name]) => name);
  }

  #pending({ credential, actions, rotation, version, key }: EffectOn): readonly Effect[] {
    const isMeant = ({ what, ...effect }: Effect): boolean =>
      effect.credential === credential &&
      actions.includes(effect.action) &&
      effect.unanswered > 0 &&
      (rotation === undefined || (what.rotation ?? what.version) === rotation) &&
      (version === undefined || what.version === undefined || what.version === version) &&
      (key === undefined || what.key === undefined || what.key === key);
    return [...this.#effects.values()].filter(isMeant);
  }

  #count({ chain, action, what }: AuditEntry, type: 'intent' | 'outcome'): void {
    const name = [chain, action, what.rotation, what.version, what.key].map((part) => part ?? '-').join(' ');
    const known = this.#effects.get(name);
    const before = known?.unanswered ?? 0;
    // An outcome may come twice: from whoever did it, and from whoever found it done.
    const unanswered = type === 'intent' ? before + 1 : Math.max(0, before - 1);
    const isKnown = type === 'outcome' || (known?.isKnown ?? false);
    this.#effects.set(name, { credential: chain, action, what, unanswered, isOpen: false, isKnown });
  }
}
