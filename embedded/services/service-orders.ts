import { createHash } from 'node:crypto';

/** What the runtime starts a service with: one JSON text as the only argument. Nothing in it is secret. */
export interface ServiceOrders {
  readonly name: string;
  readonly environment: string;
  /** Its own folder. */
  readonly folder: string;
  readonly identity: string;
  /** The file that says where the runtime is. */
  readonly runtime: string;
  readonly heartbeat: string;
  readonly idleLimitSeconds: number;
  /** Where its webhook listens, for those that have one. */
  readonly port?: number;
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Reads the orders out of the arguments. */
export function readOrders(): ServiceOrders {
  const [text] = process.argv.slice(2);
  if (text === undefined)
    throw new Error('a service is started by the runtime, with its orders as the one argument');
  return JSON.parse(text) as ServiceOrders;
}

/** Tells two orders apart. */
export const ordersDigest = (orders: ServiceOrders): string =>
  createHash('sha256').update(JSON.stringify(orders)).digest('hex');
