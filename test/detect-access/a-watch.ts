import type { AuditEntry, AuditRecord } from '../../lambdas/core/audit/record.ts';
import { continueChain } from '../../lambdas/core/audit/record.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { LedgerBodies } from '../../lambdas/core/ledger-rows.ts';
import { METRICS, type MetricName } from '../../lambdas/core/metric-names.ts';
import type { AuditAppender } from '../../lambdas/core/ports/audit.ts';
import { create, type Family, type LedgerRow } from '../../lambdas/core/ports/ledger.ts';
import type { MetricLabels, Metrics } from '../../lambdas/core/ports/metrics.ts';
import type { Page } from '../../lambdas/core/ports/pager.ts';
import { NO_CREDENTIAL, type Finding } from '../../lambdas/core/watch/finding.ts';
import { detectAccess, type DetectAccess } from '../../lambdas/detect-access/detect-access.ts';
import { ACCOUNT, at, INVENTORY } from '../core/watch/a-workspace.ts';
import { MemoryLedger } from './memory-ledger.ts';

/** An audit that can be broken, and that keeps one entry for one id. */
class MemoryAudit implements AuditAppender {
  readonly entries: AuditEntry[] = [];
  isDown = false;
  /** How often it was asked, repeats included. */
  asked = 0;

  append(entry: AuditEntry): Promise<AuditRecord> {
    this.asked += 1;
    if (this.isDown)
      return Promise.reject(new LockstepError('AUDIT_UNAVAILABLE', 'the audit does not answer'));
    if (!this.entries.some(({ id }) => id === entry.id)) this.entries.push(entry);
    return Promise.resolve(continueChain(undefined, entry));
  }
}

/** Counts, and fails the test on a label that the table of metrics does not declare. */
class MemoryMetrics implements Metrics {
  readonly #counts = new Map<string, number>();

  count(name: MetricName, labels: MetricLabels, by = 1): void {
    this.#check(name, labels);
    const key = `${name} ${JSON.stringify(labels)}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  gauge(name: MetricName, labels: MetricLabels): void {
    this.#check(name, labels);
  }

  observe(name: MetricName, labels: MetricLabels, value: number): void {
    this.#check(name, labels);
    if (!(value >= 0)) throw new RangeError(`${name} observed ${value}`);
  }

  counted(name: MetricName, labels: MetricLabels = {}): number {
    return this.#counts.get(`${name} ${JSON.stringify(labels)}`) ?? 0;
  }

  /** Over all labels. */
  total(name: MetricName): number {
    const counts = [...this.#counts].filter(([key]) => key.startsWith(`${name} `));
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }

  #check(name: MetricName, labels: MetricLabels): void {
    const declared: readonly string[] = METRICS[name].labels;
    if (Object.keys(labels).sort().join() !== [...declared].sort().join())
      throw new Error(`${name} has labels ${declared.join()}`);
  }
}

/** A watch over the example workspace, with everything that a test asks about. */
export interface Watch {
  readonly detect: DetectAccess;
  readonly ledger: MemoryLedger;
  readonly audit: MemoryAudit;
  readonly metrics: MemoryMetrics;
  /** Sets the clock. */
  setNow(instant: string): void;
  /** Puts a row into the ledger, as another function has written it. */
  given<F extends Family>(family: F, credential: string, id: string, body: LedgerBodies[F]): Promise<void>;
  findings(): Promise<readonly Finding[]>;
  pages(): readonly Page[];
}

export function aWatch(inventory: Inventory = INVENTORY): Watch {
  const ledger = new MemoryLedger();
  const audit = new MemoryAudit();
  const metrics = new MemoryMetrics();
  let now = at(120);
  const clock = (): Date => new Date(now);
  return {
    detect: detectAccess({ inventory, account: ACCOUNT, ledger, audit, metrics, clock }),
    ledger,
    audit,
    metrics,
    setNow: (instant) => {
      now = instant;
    },
    given: (family, credential, id, body) => ledger.commit([create(family, credential, id, body)]),
    async findings() {
      const partitions = [...inventory.credentials.map(({ name }) => name), NO_CREDENTIAL];
      const rows: LedgerRow<'finding'>[] = [];
      for (const partition of partitions) rows.push(...(await ledger.list('finding', partition)));
      return rows.map(({ body }) => body).sort((one, other) => (one.id < other.id ? -1 : 1));
    },
    pages: () =>
      ledger.events.flatMap((event) => (event.type === 'page.requested' ? [event.detail.page] : [])),
  };
}
