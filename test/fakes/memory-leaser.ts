import type { LeaseAuthority } from '../../lambdas/core/access/access-inventory.ts';
import { LockstepError, type ErrorCode } from '../../lambdas/core/errors.ts';
import type {
  IssuedLease,
  LeaseHolder,
  Leaser,
  LeaserCapabilities,
  LeaserRequest,
  LeaseTimes,
  ListedLeases,
} from '../../lambdas/core/ports/leaser.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import { reached, type Clock, type Instant } from '../../lambdas/core/time.ts';
import { Judge } from './judge.ts';

/** What the target has of one lease. */
interface Held {
  readonly leasable: string;
  readonly holder: string;
  readonly purpose: string;
  secret: string;
  expiresAt: Instant;
  fence: number;
  sessions: number;
}

/** What the target is given. */
export interface MemoryLeaserOptions {
  readonly clock: Clock;
  readonly judge?: Judge;
  readonly capabilities?: Partial<LeaserCapabilities>;
  /** Leases in one page of `listOurs`. */
  readonly pageSize?: number;
  /** Called after every change, where a test states what must hold at every instant. */
  readonly onChange?: (target: MemoryLeaser) => void;
}

/** The one value that the authority of this target may have. */
export const MEMORY_AUTHORITY_VALUE = new Secret('{"memory":"authority"}');

/** One of the right form that this target refuses. */
export const MEMORY_WRONG_VALUE = new Secret('{"memory":"another"}');

/**
 * A target in memory that makes leases, for one deployment or for several, and the `Leaser` for it. It remembers under
 * which fence a lease ended, as every target that can must; it judges fences that repeat with another effect, names that are
 * no lease ids or another deployment's, and times that are none. `isDown` makes every call fail as an unreachable target does.
 */
export class MemoryLeaser implements Leaser {
  readonly capabilities: LeaserCapabilities;
  readonly judge: Judge;
  isDown = false;
  readonly #options: MemoryLeaserOptions;
  readonly #held = new Map<string, Held>();
  readonly #ended = new Map<string, number>();
  #issued = 0;

  constructor(options: MemoryLeaserOptions) {
    this.#options = options;
    this.judge = options.judge ?? new Judge();
    this.capabilities = {
      expiresAtTarget: true,
      renewable: true,
      revocable: true,
      listsOurs: true,
      ...options.capabilities,
    };
  }

  /** Whether a holder gets in with this value now. */
  accepts(value: Secret): boolean {
    const held = this.#of(value);
    return held !== undefined && this.#isGood(held);
  }

  /** Opens a session, which expiry does not end and `end` does; `undefined` where the target refuses the value. */
  connect(value: Secret): { readonly isOpen: () => boolean } | undefined {
    const held = this.#of(value);
    if (held === undefined || !this.#isGood(held)) return undefined;
    held.sessions += 1;
    return { isOpen: () => [...this.#held.values()].includes(held) };
  }

  /** Ids of the leases that work now, or still have a session. */
  alive(): readonly string[] {
    return [...this.#held]
      .filter(([, held]) => this.#isGood(held) || held.sessions > 0)
      .map(([leaseId]) => leaseId);
  }

  /** What is written at the target of a lease: never a value. */
  noted(leaseId: string): { readonly holder: string; readonly purpose: string } | undefined {
    const held = this.#held.get(leaseId);
    return held && { holder: held.holder, purpose: held.purpose };
  }

  /** Something with our mark that no ledger has ever heard of: a restored backup, another's hand. */
  plant(leaseId: string, leasable: string, expiresAt: Instant): void {
    this.#held.set(leaseId, {
      leasable,
      holder: 'nobody',
      purpose: 'none',
      secret: `planted-${leaseId}`,
      expiresAt,
      fence: 0,
      sessions: 0,
    });
  }

  /** Everything that is there, whether it works or not. */
  held(): readonly { readonly leaseId: string; readonly expiresAt: Instant }[] {
    return [...this.#held].map(([leaseId, { expiresAt }]) => ({ leaseId, expiresAt }));
  }

  /** Somebody drops it by hand. */
  drop(leaseId: string): void {
    this.#held.delete(leaseId);
  }

  checkAuthority(_authority: LeaseAuthority, value: Secret): void {
    if (value.equals(MEMORY_AUTHORITY_VALUE) || value.equals(MEMORY_WRONG_VALUE)) return;
    throw refuse('VALUE_MALFORMED', 'the value is not one of the memory target');
  }

  async proveAuthority(_authority: LeaseAuthority, value: Secret): Promise<void> {
    this.#demandUp();
    this.#demandLogin(value);
  }

  async issue(
    request: LeaserRequest,
    { holder, purpose }: LeaseHolder,
    { expiresAt, notAfter }: LeaseTimes,
  ): Promise<IssuedLease> {
    this.#demandUp();
    this.#demandIds(request);
    this.#demandLogin(request.authority?.value);
    this.judge.inspect('the target', { holder, purpose });
    this.judge.demand(notAfter <= expiresAt, `an issue of ${request.leaseId} may begin after its end`);
    const { leaseId, fence } = request;
    if (reached(notAfter, this.#options.clock())) throw refuse('FENCED_OFF', `${leaseId} came too late`);
    this.#demandFence(leaseId, fence);
    this.#issued += 1;
    const secret = `fake-${this.#issued}-${leaseId}`;
    const { leasable } = request;
    this.#change(() =>
      this.#held.set(leaseId, {
        leasable: leasable.name,
        holder,
        purpose,
        secret,
        expiresAt,
        fence,
        sessions: 0,
      }),
    );
    return {
      key: keyOf(leaseId),
      value: new Secret(JSON.stringify({ key: keyOf(leaseId), secret })),
      ...(this.capabilities.expiresAtTarget ? { expiresAt } : {}),
    };
  }

  async renew(request: LeaserRequest, expiresAt: Instant): Promise<void> {
    const { leaseId, fence } = request;
    this.#demandUp();
    this.#demandIds(request);
    if (!this.capabilities.renewable) throw refuse('NOT_SUPPORTED', 'this target knows no renewal');
    const held = this.#held.get(leaseId);
    if (!held) throw refuse('LEASE_OVER', `${leaseId} has ended`);
    this.#demandFence(leaseId, fence);
    this.#change(() => Object.assign(held, { expiresAt, fence }));
  }

  async end(request: LeaserRequest): Promise<void> {
    const { leaseId, fence } = request;
    this.#demandUp();
    this.#demandIds(request);
    if (!this.capabilities.revocable) return;
    const held = this.#held.get(leaseId);
    if (held && held.fence > fence)
      throw refuse('FENCED_OFF', `${leaseId} was changed under fence ${held.fence}`);
    this.#change(() => {
      this.#held.delete(leaseId);
      this.#ended.set(leaseId, Math.max(fence, this.#ended.get(leaseId) ?? 0));
    });
  }

  async isRefused({ leaseId }: LeaserRequest): Promise<'refused' | 'accepted' | 'unknown'> {
    this.#demandUp();
    const held = this.#held.get(leaseId);
    return held !== undefined && (this.#isGood(held) || held.sessions > 0) ? 'accepted' : 'refused';
  }

  async listOurs(
    { mark }: Omit<LeaserRequest, 'leaseId' | 'fence'>,
    after: string | undefined,
  ): Promise<ListedLeases> {
    this.#demandUp();
    if (!this.capabilities.listsOurs) throw refuse('NOT_SUPPORTED', 'this target lists nothing');
    const size = this.#options.pageSize ?? 100;
    const ids = [...this.#held.keys()];
    const rest = ids.filter(
      (leaseId) => leaseId.startsWith(mark) && (after === undefined || leaseId > after),
    );
    const page = rest.toSorted((a, b) => (a < b ? -1 : 1)).slice(0, size);
    const leases = page.map((leaseId) => ({ key: keyOf(leaseId), leaseId }));
    const last = page.at(-1);
    const others = [...new Set(ids.map((leaseId) => leaseId.slice(0, mark.length)))].filter(
      (each) => each !== mark,
    );
    return rest.length > size && last !== undefined ? { leases, next: last, others } : { leases, others };
  }

  #of(value: Secret): Held | undefined {
    return [...this.#held].find(([leaseId, { secret }]) =>
      value.equals(new Secret(JSON.stringify({ key: keyOf(leaseId), secret }))),
    )?.[1];
  }

  #isGood({ expiresAt }: Held): boolean {
    return !this.capabilities.expiresAtTarget || !reached(expiresAt, this.#options.clock());
  }

  #demandFence(leaseId: string, fence: number): void {
    const known = this.#held.get(leaseId)?.fence ?? 0;
    if (known > fence) throw refuse('FENCED_OFF', `${leaseId} was changed under fence ${known}`);
    if (this.#ended.has(leaseId)) throw refuse('FENCED_OFF', `${leaseId} has ended`);
  }

  #demandIds({ leaseId, fence, mark }: LeaserRequest): void {
    this.judge.demand(leaseId.startsWith(mark), `${mark} changes ${leaseId}, which another deployment made`);
    this.judge.demand(
      /^[0-9a-hjkmnp-tv-z]{26}$/.test(leaseId),
      `a target was given ${leaseId} for a lease's id`,
    );
    this.judge.demand(Number.isSafeInteger(fence) && fence > 0, `a target was given the fence ${fence}`);
  }

  #demandLogin(value: Secret | undefined): void {
    if (value?.equals(MEMORY_WRONG_VALUE))
      throw refuse('TARGET_REFUSES_LOGIN', 'the memory target refuses its authority');
  }

  #demandUp(): void {
    if (this.isDown) throw refuse('TARGET_UNREACHABLE', 'the memory target is down; it is tried again');
  }

  #change(change: () => unknown): void {
    change();
    this.#options.onChange?.(this);
  }
}

const keyOf = (leaseId: string): string => `memory_l_${leaseId}`;

const refuse = (code: ErrorCode, message: string): LockstepError => new LockstepError(code, message);
