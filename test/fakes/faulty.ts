import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import { seededRandom } from './counted-ids.ts';

/**
 * What can befall one call to the outside: it is lost before its effect; its answer is lost after its
 * effect; the process dies before it, or right after it.
 */
export const FAULTS = ['lose-call', 'lose-answer', 'die-before', 'die-after'] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * The process is gone. Nobody may catch this and go on: every call that the same process makes afterwards
 * throws it again, without an effect, so that whatever a `catch` or `finally` tries is tried in vain.
 */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** The ports that can fail, and the error that says "unknown whether it happened". */
const UNAVAILABLE = {
  vault: 'VAULT_UNAVAILABLE',
  ledger: 'LEDGER_UNAVAILABLE',
  outbox: 'LEDGER_UNAVAILABLE',
  bus: 'BUS_UNAVAILABLE',
  timer: 'TIMER_UNAVAILABLE',
  audit: 'AUDIT_UNAVAILABLE',
  heads: 'AUDIT_UNAVAILABLE',
  signer: 'AUDIT_UNAVAILABLE',
  pager: 'PAGER_UNAVAILABLE',
  target: 'TARGET_UNREACHABLE',
  dependent: 'DEPENDENT_UNREACHABLE',
} as const satisfies Record<string, ErrorCode>;

export type FaultyPort = keyof typeof UNAVAILABLE;

/** Methods that answer at once and reach nothing outside; they never fail. */
const PURE = ['keyOf', 'checkFirst'];

/**
 * One simulated process: decides which of its calls fail, over all its ports together, and remembers them.
 * A process that died is not revived; make a new plan for the next one, over the same stores.
 */
export class FaultPlan {
  readonly #faultAt: (call: number) => Fault | undefined;
  readonly #calls: string[] = [];
  #isDead = false;

  constructor(faultAt: (call: number) => Fault | undefined) {
    this.#faultAt = faultAt;
  }

  /** Every call so far, as `vault.putPending`. */
  get calls(): readonly string[] {
    return this.#calls;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The process is killed from outside, whatever it is at. */
  kill(): void {
    this.#isDead = true;
  }

  /** Runs one call as the plan says. Used by `faulty`. */
  async run<T>(port: FaultyPort, method: string, effect: () => Promise<T>): Promise<T> {
    this.#demandAlive();
    this.#calls.push(`${port}.${method}`);
    const name = `call ${this.#calls.length} (${port}.${method})`;
    const fault = this.#faultAt(this.#calls.length);
    if (fault === 'die-before') this.#die(name);
    if (fault === 'lose-call') throw outage(port, name);
    const answer = await effect();
    // Another call of this process may have killed it meanwhile: the effect stands, the answer reaches nobody.
    this.#demandAlive();
    if (fault === 'die-after') this.#die(name);
    if (fault === 'lose-answer') throw outage(port, name);
    return answer;
  }

  #die(name: string): never {
    this.#isDead = true;
    throw new ProcessDied(`the process died at ${name}`);
  }

  #demandAlive(): void {
    if (this.#isDead) throw new ProcessDied('a dead process goes on');
  }
}

/** What a port says that answers nobody. */
export const outage = (port: FaultyPort, call: string): LockstepError =>
  new LockstepError(UNAVAILABLE[port], `no answer to ${call}; unknown whether it happened`);

/** Nothing fails. Its `calls` tell how many there are to fail. */
export const noFaults = (): FaultPlan => new FaultPlan(() => undefined);

/** The n-th call (from 1) fails, once. */
export const faultAt = (number: number, fault: Fault): FaultPlan =>
  new FaultPlan((call) => (call === number ? fault : undefined));

/** Any call may fail, the same ones for the same seed; none after `until` calls, so that everything ends. */
export function seededFaults(
  seed: number,
  options: { readonly rate: number; readonly until: number; readonly kinds?: readonly Fault[] },
): FaultPlan {
  const random = seededRandom(seed);
  const kinds = options.kinds ?? FAULTS;
  return new FaultPlan((call) => {
    const fault = kinds[Math.floor(random() * kinds.length)];
    return random() < options.rate && call <= options.until ? fault : undefined;
  });
}

/** A port of the simulated process. Its calls have their effect on `port`, as far as the plan lets them. */
export function faulty<P extends object>(name: FaultyPort, port: P, plan: FaultPlan): P {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function' || typeof property !== 'string') return member;
      const call = (...given: readonly unknown[]): unknown => Reflect.apply(member, target, given);
      if (PURE.includes(property)) return call;
      return (...given: readonly unknown[]) => plan.run(name, property, async () => call(...given));
    },
  });
}

/**
 * Runs a story once without faults to count its calls, and then once per call and fault. The story makes
 * its own stores, wraps them with the plan it is given, ends its process, starts another over the same
 * stores, and asserts.
 */
export async function withEveryFault(
  story: (plan: FaultPlan, fault: string) => Promise<void>,
  faults: readonly Fault[] = FAULTS,
): Promise<number> {
  const quietPlan = noFaults();
  await story(quietPlan, 'no fault');
  for (const [index, call] of quietPlan.calls.entries()) {
    for (const fault of faults) await story(faultAt(index + 1, fault), `${fault} at ${index + 1} (${call})`);
  }
  return quietPlan.calls.length;
}
