import { secretName, type Credential, type Inventory } from '../../lambdas/core/credential.ts';
import { isOver, type Rotation } from '../../lambdas/core/rotation/rotation.ts';
import type { MemoryLedger } from '../fakes/memory-ledger.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import type { MemoryVault } from '../fakes/memory-vault.ts';
import type { AuditWatch, EffectOn } from './audit-watch.ts';
import type { SimulatedDependent } from './simulated-dependent.ts';

/** Everything that the oracle looks at. It knows nothing of phases, and asks no code under test. */
export interface Seen {
  readonly inventory: Inventory;
  readonly vault: MemoryVault;
  readonly ledger: MemoryLedger;
  readonly targetOf: (credential: Credential) => MemoryTarget;
  readonly dependents: readonly SimulatedDependent[];
  readonly audit: AuditWatch;
}

/**
 * States what must hold at every instant (ARCHITECTURE.md, "What must never happen"), by looking at the vault,
 * the targets and what the dependents really have in their hands.
 */
export class Oracle {
  readonly #seen: Seen;
  /** Until when a breach was being answered, in elapsed milliseconds; it waits for no audit, so this is not read there. */
  readonly #breached = new Map<string, { until: number }>();
  /** When each version's value was put. */
  readonly #putAt = new Map<string, number>();
  readonly violations: string[] = [];

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** Something is wrong; the run goes on, so that the end shows what it leads to. */
  violated(what: string): void {
    if (this.violations.length < 20 && !this.violations.includes(what)) this.violations.push(what);
  }

  /** Somebody has declared a breach: until it is answered, every version that there is may be stopped. */
  breachDeclared(credential: string): void {
    this.#breached.set(credential, { until: Number.POSITIVE_INFINITY });
  }

  breachAnswered(credential: string, elapsed: number): void {
    const breach = this.#breached.get(credential);
    if (breach) breach.until = elapsed;
  }

  wasBreached({ name }: Credential): boolean {
    return this.#breached.has(name);
  }

  valuePut(version: string, elapsed: number): void {
    if (!this.#putAt.has(version)) this.#putAt.set(version, elapsed);
  }

  /** No instant without a version that works and that dependents can read; nobody's own value refused. */
  checkInstant(when: string): void {
    for (const credential of this.#seen.inventory.credentials) this.#checkCredential(credential, when);
  }

  #checkCredential(credential: Credential, when: string): void {
    const { vault, inventory, targetOf } = this.#seen;
    const secret = secretName(inventory.environment, credential.name);
    const current = vault.holderOf(secret, 'AWSCURRENT');
    const value = current === undefined ? undefined : vault.valueOf(secret, current);
    // Until it is adopted nobody depends on it: its first value is stored before its target knows it.
    if (!value || !this.#isAdopted(credential)) return;
    const target = targetOf(credential);
    const works = target.accepts(credential.name, value);
    if (credential.strategy === 'in-place') {
      const pending = vault.holderOf(secret, 'AWSPENDING');
      const other = pending === undefined ? undefined : vault.valueOf(secret, pending);
      if (!works && !(other && target.accepts(credential.name, other)))
        this.violated(`[1] ${credential.name}: neither AWSCURRENT nor AWSPENDING works, after ${when}`);
      return;
    }
    // Without its own value an authority could not make another one: breach mode leaves it that.
    const mayBeStopped = credential.authority !== undefined && this.#isBreached(credential.name, current);
    if (!works && !mayBeStopped)
      this.violated(`[1] ${credential.name}: AWSCURRENT is on a version that does not work, after ${when}`);
    for (const dependent of this.#dependentsOf(credential)) {
      // Whoever reads again before the answer to a breach is there, reads what has been stopped.
      const refused = dependent.instances.find(
        ({ value: held }) =>
          !target.accepts(credential.name, held.value) && !this.#isBreached(credential.name, held.version),
      );
      if (refused && !this.#isExcused(dependent, refused.since))
        this.violated(`[1] ${dependent.declared.name}: its value does not work any more, after ${when}`);
    }
  }

  /** Whether a version may be stopped: only when nobody uses it, or a decision on the record took that into account. */
  checkStop(credential: Credential, version: string, how: string): void {
    for (const dependent of this.#dependentsOf(credential)) {
      if (!dependent.versionsInUse().includes(version) || this.#isBreached(credential.name, version))
        continue;
      const since = Math.max(0, ...dependent.instances.map((each) => each.since));
      if (!this.#isExcused(dependent, since))
        this.violated(`[2] ${how} of ${credential.name}: ${dependent.declared.name} still uses that version`);
    }
  }

  /** The target has ended the sessions of a version along with it. */
  sessionsEnded(credential: Credential, version: string): void {
    for (const dependent of this.#dependentsOf(credential)) dependent.sessionsEnded(version);
  }

  isIntended(on: EffectOn): boolean {
    return this.#seen.audit.isIntended(on);
  }

  /** Does something at a target or in the vault, for which an intent must have become durable. */
  async effect<T>(on: EffectOn, work: () => Promise<T>): Promise<T> {
    if (!this.#seen.audit.isIntended(on))
      this.violated(`[4] ${on.actions.join('/')} of ${on.credential}: no open intent in the audit`);
    const answer = await work();
    this.#seen.audit.happened(on);
    return answer;
  }

  /** What a rotation's row claims of its dependents must be what they really did. */
  checkClaims(rotation: Rotation): void {
    const { predecessor, successor, rollback, token } = rotation;
    for (const dependent of this.#seen.dependents) {
      if (dependent.credential !== rotation.credential) continue;
      const { name } = dependent.declared;
      const claims = [
        { claim: rotation.adoption[name], version: successor?.version ?? '' },
        { claim: rollback?.returned[name], version: predecessor?.version ?? '' },
      ];
      for (const { claim, version } of claims) {
        if (claim?.by === 'acknowledgement' && !dependent.hasProved(token, version))
          this.violated(`[2] ${name} counts as moved to a version that it never proved`);
      }
    }
  }

  #isAdopted({ name }: Credential): boolean {
    const state = this.#seen.ledger.rows('credential').find(({ credential }) => credential === name);
    return state?.body.adoptedAt !== undefined;
  }

  #dependentsOf({ name }: Credential): readonly SimulatedDependent[] {
    return this.#seen.dependents.filter(({ credential }) => credential === name);
  }

  /** A decision that names it (or all), made while it was on the value that it has now. */
  #isExcused({ credential, declared }: SimulatedDependent, since: number): boolean {
    return this.#seen.audit.decisions.some(
      ({ credential: about, at, reason, action }) =>
        about === credential &&
        at >= since &&
        reason.includes(declared.name) &&
        (action === 'force' || (action === 'deadline' && reason.startsWith('retire-anyway'))),
    );
  }

  /** A version that was there when a breach was declared: it may be stopped at once, whoever uses it. */
  #isBreached(credential: string, version: string | undefined): boolean {
    return (this.#putAt.get(version ?? '') ?? 0) <= (this.#breached.get(credential)?.until ?? -1);
  }

  /** At most one live rotation per credential, and the credential's row names it. */
  checkLedger(): void {
    const live = this.#seen.ledger.rows('rotation').filter(({ body }) => !isOver(body));
    for (const { name } of this.#seen.inventory.credentials) {
      const mine = live.filter(({ credential }) => credential === name).map(({ id }) => id);
      const state = this.#seen.ledger.rows('credential').find(({ credential }) => credential === name);
      if (mine.length > 1) this.violated(`[6] ${name}: two rotations are live`);
      if (mine[0] !== state?.body.active)
        this.violated(`[6] ${name}: the ledger believes another rotation to be under way than the live one`);
    }
  }
}
