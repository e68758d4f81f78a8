import { isLeaseOf } from '../../../lambdas/core/access/lease-id.ts';
import { isOpen } from '../../../lambdas/core/access/lease-end.ts';
import {
  duePlace,
  indexPlaces,
  sharePartition,
  sharesOf,
} from '../../../lambdas/core/access/lease-pointers.ts';
import type { Lease } from '../../../lambdas/core/access/lease.ts';
import type { LeaseCommand } from '../../../lambdas/core/ports/lease-functions.ts';
import type { LedgerWrite } from '../../../lambdas/core/ports/ledger.ts';
import type { MemoryAudit } from '../../fakes/memory-audit.ts';
import type { MemoryLeaser } from '../../fakes/memory-leaser.ts';
import type { MemoryLedger } from '../../fakes/memory-ledger.ts';

/** What a holder was given. */
interface Handed {
  readonly lease: string;
  readonly value: string;
  readonly request: string;
}

/** States what must hold of leases, by looking at the target, the ledger, the audit and what was really handed over. */
export class LeaseOracle {
  readonly violations: string[] = [];
  readonly #ledger: MemoryLedger;
  readonly #audit: MemoryAudit;
  readonly #handed: Handed[] = [];
  readonly #planted = new Set<string>();
  readonly #dropped = new Set<string>();
  readonly #mark: string;

  constructor(ledger: MemoryLedger, audit: MemoryAudit, mark: string) {
    this.#mark = mark;
    this.#ledger = ledger;
    this.#audit = audit;
  }

  /** Something is wrong; the run goes on, so that the end shows what it leads to. */
  violated(what: string): void {
    if (this.violations.length < 20 && !this.violations.includes(what)) this.violations.push(what);
  }

  /** What our world did not make: nothing is known of it before it is found. */
  planted(lease: string): void {
    this.#planted.add(lease);
  }

  /** What somebody drops at the target by hand. */
  dropped(lease: string): void {
    this.#dropped.add(lease);
  }

  /** A value has reached somebody. */
  handed(given: Handed): void {
    const isAgain = this.#handed.some(({ lease, value }) => lease === given.lease || value === given.value);
    if (isAgain) this.violated('[1] a value was handed over twice');
    if (this.#handed.some(({ request }) => request === given.request))
      this.violated('[1] one request was answered with a value twice');
    const phase = this.#row(given.lease)?.phase;
    if (phase === undefined || phase === 'issuing')
      this.violated('[1] a value was handed over before its lease was written down as live');
    this.#handed.push(given);
  }

  /** A lease is made only behind an intent in the audit. */
  commanded(command: LeaseCommand): void {
    if (command.do !== 'issue') return;
    const isIntended = this.#audit
      .entries(command.leasable)
      .some(
        ({ type, action, what }) => type === 'intent' && action === 'lease' && what.lease === command.lease,
      );
    if (!isIntended) this.violated('[4] a lease was made without an intent in the audit');
  }

  /** At every instant: what the target has is written down, and lives there no longer than it does in the ledger. */
  checkInstant(leaser: MemoryLeaser): void {
    for (const { leaseId, expiresAt } of leaser.held()) {
      if (this.#planted.has(leaseId) || !isLeaseOf(this.#mark, leaseId)) continue;
      const row = this.#row(leaseId);
      if (!row) this.violated('[3] the target has a lease that the ledger never knew');
      else if (row.phase === 'ended') this.violated('[2] the target has a lease that is over');
      else if (Date.parse(expiresAt) > Date.parse(row.expiresAt))
        this.violated('[3] a lease lives longer at the target than in the ledger');
    }
    this.#checkLive(new Set(leaser.held().map(({ leaseId }) => leaseId)));
  }

  /** Nobody ends what is live but whoever has written that down before: least of all another deployment. */
  #checkLive(held: ReadonlySet<string>): void {
    for (const { body } of this.#ledger.rows('lease')) {
      if (!isLeaseOf(this.#mark, body.id)) this.violated('[7] the ledger has a lease of another deployment');
      if (body.phase === 'live' && !held.has(body.id) && !this.#dropped.has(body.id))
        this.violated('[7] a live lease was ended at its target by somebody else');
    }
  }

  /** Whenever the book is closed on a lease: its target refuses it. */
  checkOver(writes: readonly LedgerWrite[], leaser: MemoryLeaser): void {
    const alive = new Set(leaser.alive());
    const over = writes.filter(
      ({ family, body }) => family === 'lease' && (body as Lease | undefined)?.phase === 'ended',
    );
    if (over.some(({ credential }) => alive.has(credential)))
      this.violated('[2] a lease is over, and its target accepts it');
  }

  /** What keeps everything from being at rest. */
  whyNotAtRest(): string | undefined {
    const restless = this.#ledger
      .rows('lease')
      .find(({ body }) => ['issuing', 'ending'].includes(body.phase));
    if (restless) return `a lease is ${restless.body.phase} (${restless.body.lastError ?? 'no error'})`;
    if (this.#ledger.rows('lease-order').length > 0) return 'an order to revoke is not carried out';
    if (this.#ledger.rows('lease-ending').length > 0) return 'something waits to be ended';
    return undefined;
  }

  /** At rest: no live credential without a live lease, and books that agree. */
  checkRest(leaser: MemoryLeaser): void {
    for (const leaseId of leaser.alive().filter((id) => isLeaseOf(this.#mark, id))) {
      const row = this.#row(leaseId);
      if (row?.phase !== 'live') this.violated(`[2] a live credential without a live lease: ${row?.phase}`);
    }
    const rows = this.#ledger.rows('lease').map(({ body }) => body);
    for (const { lease } of this.#handed)
      if (this.#row(lease)?.end?.why === 'never-handed-over')
        this.violated('[1] a lease was handed over and ended as if it never was');
    this.#checkPointers(rows);
    this.#checkQuotas(rows);
    this.#checkAudit(rows);
  }

  #row(lease: string): Lease | undefined {
    return this.#ledger.rowOf('lease', lease, 'lease')?.body;
  }

  #checkPointers(rows: readonly Lease[]): void {
    const wanted = rows.flatMap((lease) => [
      ...(lease.phase === 'ended' ? [] : indexPlaces(lease)),
      ...(isOpen(lease) ? [duePlace(lease)] : []),
    ]);
    const there = [...this.#ledger.rows('lease-index'), ...this.#ledger.rows('lease-due')].map(
      ({ family, credential, id }) => ({ family, partition: credential, id }),
    );
    const text = (places: readonly object[]): string =>
      JSON.stringify(places.map((place) => JSON.stringify(place)).sort());
    if (text(wanted) !== text(there)) this.violated('[5] pointers and leases do not agree');
  }

  #checkQuotas(rows: readonly Lease[]): void {
    const counted = rows.filter(({ phase, isUncounted }) => phase !== 'ended' && isUncounted !== true);
    for (const { credential, id, body } of this.#ledger.rows('lease-quota')) {
      const uses = counted.filter((lease) =>
        id === 'use'
          ? lease.gates.includes(credential)
          : id === lease.leasable && sharesOf(lease).map(sharePartition).includes(credential),
      );
      if (uses.length !== body.live)
        this.violated(`[5] ${credential} counts ${body.live} leases, and there are ${uses.length}`);
    }
  }

  /** Whatever was begun has an outcome, or was ended; and no book is closed on what the audit does not have. */
  #checkAudit(rows: readonly Lease[]): void {
    const entries = this.#audit.entries();
    const ends = (id: string) =>
      entries.filter(({ action, what }) => action === 'end-lease' && what.leases?.includes(id) === true);
    for (const { type, action, what } of entries) {
      if (type !== 'intent' || action !== 'lease' || what.lease === undefined) continue;
      const { lease } = what;
      // One that lives on without an outcome was never handed over: its end will answer for it.
      if (this.#row(lease)?.phase !== 'ended') continue;
      const hasOutcome = entries.some(
        (each) => each.type === 'outcome' && each.action === 'lease' && each.what.lease === lease,
      );
      if (!hasOutcome && ends(lease).length === 0) this.violated('[4] an issue without an outcome or an end');
    }
    for (const { id, phase } of rows)
      if (phase === 'ended' && !ends(id).some(({ result }) => result?.outcome === 'done'))
        this.violated('[4] a lease is over, and the audit does not say that its target refuses it');
  }
}
