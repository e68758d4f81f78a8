import { fit, oneOf, record, text } from '../../lambdas/contracts/check.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import { Secret } from '../../lambdas/core/secret.ts';
import type { ProvedSupply, PutSupply } from '../../lambdas/supply-authority/supply-authority.ts';
import type { Connection } from './connection.ts';
import { postOverSocket } from './socket-post.ts';
import { overWire, resultOf, sendingOrder } from './wire.ts';

/** How a running runtime is reached. */
export interface SocketPlace {
  readonly socket: string;
  /** Who gives the orders, for the record: the socket's mode decides who may. */
  readonly operator: string;
  readonly timeouts: Timeouts;
}

/** How long an answer is waited for. Orders wait for targets; queries do not. */
export interface Timeouts {
  readonly orderSeconds: number;
  readonly querySeconds: number;
}

/** The way to a runtime that works in another process on this machine. */
export function socketConnection({ socket, operator, timeouts }: SocketPlace): Connection {
  const { orderSeconds, querySeconds } = timeouts;
  const post = async (
    path: Parameters<typeof postOverSocket>[0]['path'],
    content: unknown,
    timeoutSeconds: number,
  ) =>
    resultOf(
      await postOverSocket({ socket, path, operator, body: JSON.stringify(content), timeoutSeconds }),
      brokeDown,
    );
  return {
    via: 'runtime',
    ...overWire({
      tell: (order) => sendingOrder(order, () => post('/orders', order, orderSeconds)),
      ask: (query) => post('/queries', query, querySeconds),
    }),
    putFirst: async (credential, value) => {
      // Over a socket that only this user can open, to the process that keeps the vault.
      await post('/first-values', { credential, value: value.reveal() }, querySeconds);
    },
    putSupply: async (authority, version, value) =>
      fit(
        PUT,
        await post('/supplies', { authority, version, value: value.reveal() }, querySeconds),
        'NOTHING_REACHABLE',
        'the answer to a new value, which was put',
      ),
    proveSupply: async (authority) =>
      fit(
        PROVED,
        await post('/supplies/proof', { authority }, orderSeconds),
        'NOTHING_REACHABLE',
        'the answer to a proof',
      ),
    signToken: async (order) => {
      const answer = await post('/tokens', order, querySeconds);
      return new Secret(fit(TOKEN, answer, 'NOTHING_REACHABLE', 'the answer to an order for a token').token);
    },
    close: async () => undefined,
  };
}

const PUT = record<PutSupply>({ is: oneOf('current', 'pending') });
const PROVED = record<ProvedSupply>({ version: text });
const TOKEN = record<{ readonly token: string }>({ token: text });

const brokeDown = (status: number): LockstepError =>
  new LockstepError(
    'SERVER_FAILED',
    `the runtime failed unexpectedly (${status}); .lockstep/lockstep.log has the moment`,
  );
