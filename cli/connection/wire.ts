import { anyRecord, fit, listOf, record, text, type Check } from '../../lambdas/contracts/check.ts';
import { fromFailure } from '../../lambdas/contracts/failure.ts';
import type { Order, Queries, Query, QueryName } from '../../lambdas/contracts/orders.ts';
import { isLockstepError, LockstepError } from '../../lambdas/core/errors.ts';
import type { OrderAnswer } from '../../lambdas/operate/operate-ports.ts';
import type { Connection, QueryAnswers } from './connection.ts';

/** What came back over a wire. */
export interface WireAnswer {
  readonly status: number;
  /** Parsed; `undefined` where it is not JSON. */
  readonly body: unknown;
}

/** A wire to a pipeline in another process. Both answer with a result, or throw what came back in its place. */
export interface Wire {
  readonly tell: (order: Order) => Promise<unknown>;
  readonly ask: (query: Query) => Promise<unknown>;
}

const list = listOf(anyRecord);

/** What the printers rely on without looking. The rest comes from the same package, at most of another version. */
const SHAPES: { readonly [N in QueryName]: Check<unknown> } = {
  status: record({ environment: text, at: text, credentials: list }),
  history: record({ credential: text, records: list, refusals: list }),
  findings: record({ findings: list }),
  'audit-verify': record({ faults: list }),
  inventory: record({ environment: text, credentials: list, undeclared: listOf(text) }),
};

const ORDER_ANSWER = record<OrderAnswer>({ said: text, facts: anyRecord });

/** Orders and queries over a wire. */
export const overWire = ({ tell, ask }: Wire): Pick<Connection, 'order' | 'query'> => ({
  order: async (order) =>
    fit(
      ORDER_ANSWER,
      await tell(order),
      'NOTHING_REACHABLE',
      `the answer to the order ${order.order}, which was taken`,
    ),
  query: async <N extends QueryName>(query: N, asks: Queries[N]) => {
    // The compiler cannot follow that name and fields belong together; the signature has made sure of it.
    const result = await ask({ query, ...asks } as unknown as Query);
    fit(SHAPES[query], result, 'NOTHING_REACHABLE', 'the answer is not of this version');
    return result as QueryAnswers[N];
  },
});

/** An answer's result; throws the error that it carries, or what the wire says of an answer that is none of ours. */
export function resultOf({ status, body }: WireAnswer, refusal: (status: number) => LockstepError): unknown {
  if (status >= 200 && status < 300) return body;
  throw fromFailure(body) ?? refusal(status);
}

/** Runs what sends an order, and says of a lost answer what it means: sent and not answered is not the same as not done. */
export async function sendingOrder<T>(order: Order, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!isLockstepError(error, 'NOTHING_REACHABLE')) throw error;
    const about =
      'credential' in order && order.credential !== undefined
        ? `lockstep history ${order.credential}`
        : 'lockstep status';
    throw new LockstepError(
      'NOTHING_REACHABLE',
      `${error.message}. The order ${order.order} may have been carried out all the same; before you give it again see: ${about}`,
      { cause: error },
    );
  }
}
