import { acknowledgementTag } from '../../lambdas/core/adoption/acknowledgement-tag.ts';
import type { Expected } from '../../lambdas/acknowledge/what-is-expected.ts';
import type { Dependent } from '../../lambdas/core/credential.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { Notice } from '../../lambdas/core/ports/propagator.ts';
import type { SecretVersion } from '../../lambdas/core/ports/vault.ts';
import type { Session } from '../fakes/memory-target.ts';
import { cooperates, habitOf, TIMES, type Habit } from './cast.ts';

/** What a dependent reaches: the door to the vault, its target, and the endpoint. */
export interface Surroundings {
  readonly elapsed: () => number;
  readonly random: () => number;
  readonly readCurrent: () => Promise<SecretVersion>;
  readonly connect: (value: SecretVersion, applicationName: string) => Session | undefined;
  readonly disconnect: (session: Session) => void;
  readonly acknowledge: (body: unknown) => Promise<void>;
  readonly whatIsExpected: () => Promise<readonly Expected[]>;
}

/** One process of a dependent, and the value it works with. */
export interface Instance {
  value: SecretVersion;
  /** Since when, in elapsed milliseconds. */
  since: number;
}

interface Held {
  readonly session: Session;
  readonly version: string;
  closesAt: number;
}

interface Proof {
  readonly rotation: string;
  readonly version: string;
  readonly expectation: { readonly id: string; readonly nonce: string };
  tries: number;
}

const SECOND = 1000;
/** A keeper closes its old session only after drain and soak would have run out. */
const KEPT_MS = (TIMES.drain + TIMES.soak + 120) * SECOND;

/** A service that uses a credential all the time, and behaves as its habit says. */
export class SimulatedDependent {
  readonly credential: string;
  readonly declared: Dependent;
  readonly habit: Habit;
  readonly #around: Surroundings;
  readonly #seen = new Set<string>();
  #instances: Instance[] = [];
  #sessions: Held[] = [];
  #proofs: Proof[] = [];
  #awayUntil = 0;
  #isActing = false;
  nextAt: number;

  constructor(credential: string, declared: Dependent, around: Surroundings) {
    this.credential = credential;
    this.declared = declared;
    this.habit = habitOf(declared.name);
    this.#around = around;
    this.nextAt = around.elapsed();
  }

  get isActing(): boolean {
    return this.#isActing;
  }

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  /** Whether it ever made a tag out of that version for that rotation: what nobody else could have made. */
  hasProved(rotation: string, version: string): boolean {
    return this.#proved.has(`${rotation} ${version}`);
  }
  readonly #proved = new Set<string>();

  /** The versions that it works with now: its values, and the sessions that it still has open. */
  versionsInUse(): readonly string[] {
    const values = this.#instances.map(({ value }) => value.version);
    return [...new Set([...values, ...this.#sessions.map(({ version }) => version)])];
  }

  /** The target has ended whatever was open on that version. */
  sessionsEnded(version: string): void {
    this.#sessions = this.#sessions.filter((each) => each.version !== version);
  }

  /** The propagator's other side. Told is all that this is; what follows is up to the habit. */
  tell(notice: Notice): void {
    if (this.#around.elapsed() < this.#awayUntil)
      throw new LockstepError('DEPENDENT_UNREACHABLE', 'nobody answers');
    if (this.#seen.has(notice.id)) return;
    this.#seen.add(notice.id);
    if (!cooperates(this.habit) || notice.change === 'disabled') return;
    if (notice.change === 'unadopted') for (const held of this.#sessions) held.closesAt = 0;
    const { rotation, version, expectation } = notice;
    if (expectation) this.#proofs.push({ rotation, version, expectation, tries: 0 });
    const lag = this.habit === 'lagging' ? Math.floor(this.#around.random() * 900) : 1;
    this.nextAt = Math.min(this.nextAt, this.#around.elapsed() + lag * SECOND);
  }

  /** It does what it does when its time has come. Never throws: its trouble is its own. */
  async act(): Promise<void> {
    if (this.#isActing) return;
    this.#isActing = true;
    try {
      this.#closeSessions();
      const wanted = this.#around.elapsed() + (await this.#live()) * SECOND;
      this.nextAt = Math.min(wanted, ...this.#sessions.map(({ closesAt }) => closesAt));
    } catch (error) {
      if (!isLockstepError(error)) this.trouble = error;
      this.nextAt = this.#around.elapsed() + 15 * SECOND;
    } finally {
      this.#isActing = false;
    }
  }

  /** What it stumbled over that was none of the errors it has to expect. */
  trouble: unknown;

  /** Seconds until it wants to act again. */
  async #live(): Promise<number> {
    if (this.#instances.length === 0) await this.#start();
    switch (this.habit) {
      case 'silent':
        return 3600;
      case 'liar':
        return this.#lie();
      case 'sessions':
        await this.#refresh(0);
        return TIMES.cache / 2;
      case 'poller':
        await this.#refresh(0);
        await this.#ask();
        return this.#prove(TIMES.cache);
      case 'crashing':
        return this.#crashOr(() => this.#answerNotices());
      case 'fleet':
        await this.#refreshWhenExpired(1);
        return Math.min(TIMES.cache / 4, await this.#answerNotices());
      case 'cached':
        await this.#refreshWhenExpired(0);
        return Math.min(TIMES.cache / 4, await this.#prove(900));
      default:
        return this.#answerNotices();
    }
  }

  async #start(): Promise<void> {
    const value = await this.#around.readCurrent();
    const count = this.habit === 'fleet' ? 2 : 1;
    const since = this.#around.elapsed();
    this.#instances = Array.from({ length: count }, () => ({ value, since }));
    this.#open(value);
  }

  async #answerNotices(): Promise<number> {
    if (this.#proofs.length > 0) await this.#refresh(0);
    return this.#prove(900);
  }

  /** Reads and uses what is current; what it used before it lets go of. */
  async #refresh(at: number): Promise<void> {
    const value = await this.#around.readCurrent();
    const instance = this.#instances[at];
    if (!instance || instance.value.version === value.version) return;
    Object.assign(instance, { value, since: this.#around.elapsed() });
    const keeps = this.habit === 'keeper' ? KEPT_MS : (TIMES.poolLifetime / 2) * SECOND;
    for (const held of this.#sessions)
      held.closesAt = Math.min(held.closesAt, this.#around.elapsed() + keeps);
    this.#open(value);
  }

  /** Reads only when its cache has run out, as a caching client does. */
  async #refreshWhenExpired(at: number): Promise<void> {
    const instance = this.#instances[at];
    const age = this.#around.elapsed() - (this.#readAt.get(at) ?? instance?.since ?? 0);
    // Half of what is declared, so that its own waking never makes the cache older than it may be.
    if (age < (TIMES.cache / 2) * SECOND) return;
    this.#readAt.set(at, this.#around.elapsed());
    await this.#refresh(at);
  }
  readonly #readAt = new Map<number, number>();

  async #ask(): Promise<void> {
    for (const { rotation, version, expectation, acknowledged } of await this.#around.whatIsExpected()) {
      const known = this.#proofs.some((proof) => proof.expectation.id === expectation.id);
      if (!acknowledged && !known) this.#proofs.push({ rotation, version, expectation, tries: 0 });
    }
  }

  /** Sends a tag for each expectation whose version it uses now. Answers how soon it has to come back. */
  async #prove(otherwise: number): Promise<number> {
    for (const proof of this.#proofs.slice()) {
      const using = this.#instances[0]?.value;
      proof.tries += 1;
      if (using?.version !== proof.version) {
        if (proof.tries > 20) this.#forget(proof);
        continue;
      }
      await this.#send(proof, using);
    }
    return this.#proofs.length > 0 ? 15 : otherwise;
  }

  async #send(proof: Proof, using: SecretVersion): Promise<void> {
    const { credential, declared } = this;
    const { rotation, version, expectation } = proof;
    const subject = { credential, version, rotation, dependent: declared.name, nonce: expectation.nonce };
    const tag = acknowledgementTag(using.value, subject);
    const said = { expectation: expectation.id, nonce: expectation.nonce, tag, fetchMs: 3 };
    this.#proved.add(`${rotation} ${version}`);
    try {
      await this.#around.acknowledge({ credential, rotation, dependent: declared.name, ...said });
      this.#forget(proof);
    } catch (error) {
      if (isLockstepError(error, 'ACKNOWLEDGEMENT_REFUSED')) this.#forget(proof);
      else throw error;
    }
  }

  #forget(proof: Proof): void {
    this.#proofs = this.#proofs.filter((each) => each !== proof);
  }

  /** Now and then it goes away, forgets what it was told, and asks when it is back. */
  async #crashOr(work: () => Promise<number>): Promise<number> {
    if (this.#awayUntil > 0) {
      this.#awayUntil = 0;
      await this.#refresh(0);
      await this.#ask();
    } else if (this.#around.random() < 0.3) {
      this.#proofs = [];
      this.#awayUntil = this.#around.elapsed() + 60 * SECOND;
      return 60;
    }
    return work();
  }

  /** Claims with every nonce it can get, and a tag that it makes from what it has: the old value. */
  async #lie(): Promise<number> {
    const using = this.#instances[0]?.value;
    const { credential, declared } = this;
    for (const { rotation, version, expectation } of await this.#around.whatIsExpected()) {
      if (!using || using.version === version) continue;
      const subject = { credential, version, rotation, dependent: declared.name, nonce: expectation.nonce };
      const tags = [acknowledgementTag(using.value, subject), 'f'.repeat(64), ''];
      for (const tag of tags) {
        const said = { expectation: expectation.id, nonce: expectation.nonce, tag };
        const sent = this.#around.acknowledge({ credential, rotation, dependent: declared.name, ...said });
        await sent.catch(() => undefined);
      }
    }
    return 600;
  }

  #open(value: SecretVersion): void {
    if (!this.declared.evidence) return;
    const session = this.#around.connect(value, this.declared.evidence.applicationName);
    if (session) this.#sessions.push({ session, version: value.version, closesAt: Number.POSITIVE_INFINITY });
  }

  #closeSessions(): void {
    const now = this.#around.elapsed();
    for (const { session } of this.#sessions.filter(({ closesAt }) => closesAt <= now))
      this.#around.disconnect(session);
    this.#sessions = this.#sessions.filter(({ closesAt }) => closesAt > now);
  }
}
