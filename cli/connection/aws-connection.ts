import type { LambdaClient } from '@aws-sdk/client-lambda';
import { secretName, type Inventory } from '../../lambdas/core/credential.ts';
import type { NewId } from '../../lambdas/core/ports/ids.ts';
import type { LeaseFunctions } from '../../lambdas/core/ports/lease-functions.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import {
  proveSupply,
  putSupply,
  type ProvePorts,
  type SupplyPorts,
} from '../../lambdas/supply-authority/supply-authority.ts';
import type { Stage } from '../workspace/find-stage.ts';
import { awsError, urlRefusal } from './aws-error.ts';
import type { Connection } from './connection.ts';
import { orderDoor, reportDoor, type Door } from './doors.ts';
import { findUrl } from './function-urls.ts';
import { signedPost } from './signed-post.ts';
import type { Timeouts } from './socket-connection.ts';
import { overWire, resultOf, sendingOrder } from './wire.ts';

/** What reaching an environment on AWS needs. */
export interface AwsPlace {
  readonly stage: Stage;
  /** Finds the URLs, and knows the person's credentials. */
  readonly lambda: LambdaClient;
  /** Secrets Manager under the person's own right: for a first value alone. */
  readonly vault: Pick<Vault, 'putFirst'>;
  /** What supplying a lease authority needs. Absent: none is supplied from here. */
  readonly supplies?: AwsSupplies;
  readonly fetch: typeof fetch;
  readonly newId: NewId;
  readonly timeouts: Timeouts;
}

/** Secrets Manager and the lease functions, under the person's own right. */
export interface AwsSupplies {
  readonly vault: SupplyPorts['vault'];
  readonly leases: LeaseFunctions;
  /** What is declared for the environment. Throws `INVENTORY_INVALID`. */
  readonly inventory: () => Promise<Inventory>;
}

/**
 * The way to an environment on AWS: the functions `operate` and `report`, by signed requests to their URLs. Who
 * calls is who IAM says. One exception: values that a person makes go to Secrets Manager under that person's own right,
 * and whoever may supply a lease authority has its lease function prove it.
 */
export function awsConnection(place: AwsPlace): Connection {
  const { stage, vault, newId, timeouts } = place;
  const enter = doors(place);
  return {
    via: 'aws',
    ...overWire({
      tell: async (order) => {
        const send = await enter(orderDoor(stage, order.order));
        return sendingOrder(order, () => send(order, timeouts.orderSeconds));
      },
      ask: async (query) => (await enter(reportDoor(stage)))(query, timeouts.querySeconds),
    }),
    // A token of chance: one made from the value would tell whoever reads version ids a digest of it.
    putFirst: (credential, value) =>
      vault.putFirst(secretName(stage.environment, credential), newId(), value),
    putSupply: async (authority, version, value) =>
      putSupply(await supplyPorts(place), authority, version, value),
    proveSupply: async (authority) => proveSupply(await supplyPorts(place), authority),
    signToken: async () => {
      throw new LockstepError(
        'NOT_SUPPORTED',
        'tokens of an environment on AWS are signed by its issuers; Lockstep plays issuers in the embedded world alone',
      );
    },
    close: async () => undefined,
  };
}

async function supplyPorts({ supplies }: AwsPlace): Promise<ProvePorts> {
  if (supplies) return { ...supplies, inventory: await supplies.inventory() };
  throw new LockstepError('NOT_SUPPORTED', 'no lease authority is supplied from here');
}

type Send = (content: unknown, timeoutSeconds: number) => Promise<unknown>;

/** Finds each door's URL once. When finding fails, nothing has been sent. */
function doors({ stage, lambda, fetch }: AwsPlace): (door: Door) => Promise<Send> {
  const { region } = stage;
  const urls = new Map<string, string>();
  return async (door) => {
    const key = `${door.name} ${door.alias ?? ''}`;
    const url = urls.get(key) ?? (await findUrl(lambda, stage, door));
    urls.set(key, url);
    const credentials = await lambda.config
      .credentials()
      .catch((error: unknown) => Promise.reject(awsError(error, stage, door)));
    return async (content, timeoutSeconds) => {
      const answer = await signedPost({
        url,
        body: JSON.stringify(content),
        region,
        credentials,
        fetch,
        timeoutSeconds,
      });
      return resultOf(answer, (status) => urlRefusal(status, stage, door));
    };
  };
}
