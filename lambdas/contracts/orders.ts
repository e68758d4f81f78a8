import { fit, listOf, number, oneOf, optional, record, text, type Check } from './check.ts';

/** What an operator may order. Every order but `adopt` and `page-test` has a reason, which the audit keeps. */
export interface Orders {
  /** The value is in the vault already (`stored`), or the target function makes one (`issue`). */
  adopt: { readonly credential: string; readonly value: 'stored' | 'issue' };
  rotate: { readonly credential: string; readonly reason: string };
  hold: { readonly credential: string; readonly reason: string };
  release: { readonly credential: string; readonly reason: string };
  /** Counts the named missing dependents of the one waiting rotation as adopted. */
  force: { readonly credential: string; readonly dependents: readonly string[]; readonly reason: string };
  'roll-back': { readonly credential: string; readonly reason: string };
  redrive: { readonly credential?: string; readonly reason: string };
  /** Breach mode: disable at the target, page, then rotate. */
  'revoke-breach': { readonly credential: string; readonly reason: string };
  'page-test': Readonly<Record<never, never>>;
}

export type OrderName = keyof Orders;

/**
 * Orders that are permissions of their own. Each has an alias of the function `operate`, and so an ARN that
 * IAM can allow by itself; all others share the alias `live`.
 */
export const GUARDED_ORDERS = ['force', 'roll-back', 'revoke-breach'] as const satisfies readonly OrderName[];

/** One order. */
export type Order = { readonly [N in OrderName]: { readonly order: N } & Orders[N] }[OrderName];

/** What is asked of `report`. Nothing here changes anything. */
export interface Queries {
  status: { readonly credential?: string };
  history: { readonly credential: string; readonly limit?: number };
  findings: { readonly credential?: string };
  'audit-verify': { readonly credential?: string };
  inventory: Readonly<Record<never, never>>;
}

export type QueryName = keyof Queries;

/** One query. */
export type Query = { readonly [N in QueryName]: { readonly query: N } & Queries[N] }[QueryName];

const named = { credential: text, reason: text };

const ORDERS: { readonly [N in OrderName]: Check<Orders[N]> } = {
  adopt: record({ credential: text, value: oneOf('stored', 'issue') }),
  rotate: record(named),
  hold: record(named),
  release: record(named),
  force: record({ ...named, dependents: listOf(text) }),
  'roll-back': record(named),
  redrive: record<Orders['redrive']>({ credential: optional(text), reason: text }),
  'revoke-breach': record(named),
  'page-test': record({}),
};

const QUERIES: { readonly [N in QueryName]: Check<Queries[N]> } = {
  status: record<Queries['status']>({ credential: optional(text) }),
  history: record<Queries['history']>({ credential: text, limit: optional(number) }),
  findings: record<Queries['findings']>({ credential: optional(text) }),
  'audit-verify': record<Queries['audit-verify']>({ credential: optional(text) }),
  inventory: record({}),
};

/** An order as it arrives. Throws `MALFORMED_REQUEST`. */
export function parseOrder(value: unknown): Order {
  const kind = record<{ readonly order: OrderName }>({
    order: oneOf(...(Object.keys(ORDERS) as OrderName[])),
  });
  const { order } = fit(kind, value, 'MALFORMED_REQUEST', 'an order');
  const check: Check<Orders[OrderName]> = ORDERS[order];
  // The compiler cannot follow that name and fields belong together; the table has made sure of it.
  return { order, ...fit(check, value, 'MALFORMED_REQUEST', `the order ${order}`) } as Order;
}

/** A query as it arrives. Throws `MALFORMED_REQUEST`. */
export function parseQuery(value: unknown): Query {
  const kind = record<{ readonly query: QueryName }>({
    query: oneOf(...(Object.keys(QUERIES) as QueryName[])),
  });
  const { query } = fit(kind, value, 'MALFORMED_REQUEST', 'a query');
  const check: Check<Queries[QueryName]> = QUERIES[query];
  return { query, ...fit(check, value, 'MALFORMED_REQUEST', `the query ${query}`) } as Query;
}
