import type { TokenOrder } from '../../embedded/issuer/token-issuer.ts';
import type { Order, Queries, QueryName } from '../../lambdas/contracts/orders.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import type { InventoryReport } from '../../lambdas/report/compare-inventory.ts';
import type { FindingsReport } from '../../lambdas/report/list-findings.ts';
import type { HistoryReport } from '../../lambdas/report/show-history.ts';
import type { StatusReport } from '../../lambdas/report/show-status.ts';
import type { ProvedSupply, PutSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import type { AuditReport } from '../../lambdas/report/verify-audit.ts';

/** What each query is answered with. */
export interface QueryAnswers {
  readonly status: StatusReport;
  readonly history: HistoryReport;
  readonly findings: FindingsReport;
  readonly 'audit-verify': AuditReport;
  readonly inventory: InventoryReport;
}

/**
 * The way to a pipeline: a runtime's socket, a folder's files under the same lock, or the functions
 * `operate` and `report` on AWS. There is no other: no command touches a store or a target.
 *
 * Errors: what the pipeline threw; `NOTHING_REACHABLE` where there was no answer. An order whose answer was
 * lost may have been carried out, and the message says so.
 */
export interface Connection {
  readonly via: 'runtime' | 'files' | 'aws';
  order(order: Order): Promise<OrderAnswer>;
  query<N extends QueryName>(query: N, asks: Queries[N]): Promise<QueryAnswers[N]>;
  /**
   * Puts a person's first value under that person's own right. Moves AWSCURRENT: the caller makes sure that
   * the credential is not adopted yet.
   */
  putFirst(credential: string, value: Secret): Promise<void>;
  /** Puts a new value of a lease authority as that version, under the person's own right. A first one is current at once. */
  putSupply(authority: string, version: string, value: Secret): Promise<PutSupply>;
  /** Has the value that waits, or else the current one, proved by its lease function, and makes it current. */
  proveSupply(authority: string): Promise<ProvedSupply>;
  /** A token of an issuer that a runtime on this machine plays. Throws `NOT_SUPPORTED` elsewhere: issuers there are others. */
  signToken(order: TokenOrder): Promise<Secret>;
  close(): Promise<void>;
}
