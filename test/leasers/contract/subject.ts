import type { LeaseAuthority, Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import type {
  IssuedLease,
  LeaseAtTarget,
  Leaser,
  LeaserCapabilities,
  LeaserRequest,
  LeaseTimes,
} from '../../../lambdas/core/ports/leaser.ts';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { instant, secondsAfter, type Clock, type Instant } from '../../../lambdas/core/time.ts';
import type { UnderTest } from '../../ports/under-test.ts';
import { MARK } from '../../fakes/marks.ts';

/** Something that a holder keeps open at the target. */
export interface OpenSession {
  /** Whether it can still do something there. */
  readonly works: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** An authority with a value that works, and one of the right form that its target refuses. */
export interface AuthorityUnderTest {
  readonly declared: LeaseAuthority;
  readonly value: Secret;
  readonly wrongValue?: Secret;
}

/** A leaser, its target, and a holder who goes there with nothing but a value. */
export interface LeaserUnderTest extends UnderTest {
  readonly leaser: Leaser;
  readonly leasable: Leasable;
  readonly authority?: AuthorityUnderTest;
  /** Goes to the target as a holder does, without any code of the leaser. `refused` is the target's own word. */
  readonly tries: (value: Secret) => Promise<'works' | 'refused'>;
  /** Keeps something open. */
  readonly opens?: (value: Secret) => Promise<OpenSession>;
  readonly clock: Clock;
  /** Lets time pass at the target: a fake's clock jumps, a real one takes as long as it says. */
  readonly pass: (seconds: number) => Promise<void>;
  /** Everything that the target has written down: catalogue, log, journal. */
  readonly written?: () => Promise<string>;
  /** A new id of a lease of the deployment with this mark, or of this one. */
  readonly newId: (mark?: string) => string;
  /** The mark of the deployment that works at the target; that of the tests where absent. */
  readonly mark?: string;
}

/** What a kind's target has that others have not: a test that needs it is not run where it is absent, by name. */
export type Trait =
  /** Holders keep something open there (`opens`). */
  | 'sessions'
  /** A stored authority makes the leases (`authority`), and the target refuses a wrong value of it (`wrongValue`). */
  | 'authority'
  /** What it writes down can be read (`written`). */
  | 'written'
  /** `issue` draws a new value each time; otherwise it may give the same one again. */
  | 'fresh-values';

/** A kind's target, for the suite. Capabilities and traits are needed before there is a subject. */
export interface LeaserSuite {
  readonly name: string;
  readonly capabilities: LeaserCapabilities;
  readonly traits: readonly Trait[];
  /** The shortest ttl that a test can wait for, in seconds. */
  readonly shortSeconds: number;
  readonly make: () => Promise<LeaserUnderTest>;
}

/** The suite of one kind while its tests are made: what it is, and the subject of the test that runs. */
export interface Under extends LeaserSuite {
  readonly subject: () => LeaserUnderTest;
}

export const HOLDER = { holder: 'workload:research-agent', purpose: 'answer-questions' };

const TTL_SECONDS = 900;

/** What a leaser is handed for one lease. */
export const requestOf = (
  { leasable, authority, mark = MARK }: LeaserUnderTest,
  leaseId: string,
  fence: number,
): LeaserRequest => ({ environment: 'test', mark, leasable, leaseId, fence, ...authorityOf(authority) });

const authorityOf = (authority: AuthorityUnderTest | undefined) =>
  authority === undefined ? {} : { authority: { declared: authority.declared, value: authority.value } };

/** The authority of a subject that has one. */
export function theAuthority({ authority }: LeaserUnderTest): AuthorityUnderTest {
  if (authority) return authority;
  throw new TypeError('this kind says that it has an authority, and the subject has none');
}

/** The instant so many seconds from now. */
export const inSeconds = ({ clock }: LeaserUnderTest, seconds: number): Instant =>
  secondsAfter(instant(clock()), seconds);

/** A quarter of an hour, or the shortest that the kind has. */
const ttlOf = ({ leaser }: LeaserUnderTest): number =>
  Math.max(TTL_SECONDS, leaser.capabilities.shortestSeconds ?? 0);

export const timesOf = (under: LeaserUnderTest, ttlSeconds = ttlOf(under)): LeaseTimes => ({
  expiresAt: inSeconds(under, ttlSeconds),
  notAfter: inSeconds(under, Math.min(60, ttlSeconds)),
});

/** Issues a lease as the broker does. */
export const issue = (
  under: LeaserUnderTest,
  leaseId: string,
  fence = 1,
  ttlSeconds = ttlOf(under),
): Promise<IssuedLease> =>
  under.leaser.issue(requestOf(under, leaseId, fence), HOLDER, timesOf(under, ttlSeconds));

/** Every lease of ours at the target, over all pages. */
export async function allOurs(under: LeaserUnderTest): Promise<readonly LeaseAtTarget[]> {
  return (await listed(under)).leases;
}

/** The same, and the marks of the other deployments that the pages told of. */
export async function listed(
  under: LeaserUnderTest,
): Promise<{ readonly leases: readonly LeaseAtTarget[]; readonly others: ReadonlySet<string> }> {
  const { leasable, leaser, mark = MARK } = under;
  const request = { environment: 'test', mark, leasable, ...authorityOf(under.authority) };
  const leases: LeaseAtTarget[] = [];
  const others = new Set<string>();
  let after: string | undefined;
  do {
    const page = await leaser.listOurs(request, after);
    leases.push(...page.leases);
    for (const each of page.others) others.add(each);
    after = page.next;
  } while (after !== undefined);
  return { leases, others };
}

/** Whether the target has anything of a lease, as far as it says. */
export async function isThere(under: LeaserUnderTest, leaseId: string): Promise<boolean> {
  if (under.leaser.capabilities.listsOurs) return (await idsOfOurs(under)).includes(leaseId);
  return (await under.leaser.isRefused(requestOf(under, leaseId, 99))) === 'accepted';
}

const idsOfOurs = async (under: LeaserUnderTest): Promise<readonly (string | undefined)[]> =>
  (await allOurs(under)).map(({ leaseId }) => leaseId);

/** The parts of a value that nobody could guess: what must be nowhere. */
export function secretParts(value: Secret): readonly string[] {
  const fields = JSON.parse(value.reveal()) as Readonly<Record<string, unknown>>;
  const hidden = /password|secret|token|key$/i;
  return Object.entries(fields).flatMap(([name, text]) =>
    hidden.test(name) && typeof text === 'string' && text.length >= 16 ? [text] : [],
  );
}
