import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseAuthority, Leasable } from '../../../lambdas/core/access/access-inventory.ts';
import { Secret } from '../../../lambdas/core/secret.ts';
import { redisLeaser } from '../../../lambdas/leasers/redis/leaser.ts';
import type { RedisLeaserPorts } from '../../../lambdas/leasers/redis/ports.ts';
import { redisLeaseSupply } from '../../../lambdas/leasers/redis/supply.ts';
import { leasableOf, leaseAuthorityOf, newLeaseId } from '../a-leasable.ts';
import type { LeaserUnderTest, OpenSession } from '../contract/subject.ts';
import { redisClient, WireError, type RedisClient, type Wire } from './wire.ts';

/** A server, of whichever make, as its administrator and its neighbours see it. */
export interface RedisServer {
  readonly port: number;
  readonly admin: (...words: readonly string[]) => Promise<Wire>;
  /** Everything that it has written down. */
  readonly written: () => Promise<string>;
}

export const AUTHORITY = 'lease_admin';
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** A lease that reads `cache:…`, writes `queue:…` and publishes to `news:…`. */
const TARGET = {
  keys: [
    { pattern: 'cache:*', access: 'read' },
    { pattern: 'queue:*', access: 'read-write' },
  ],
  channels: ['news:*'],
  commands: ['@read', '@write', '@connection', '@slow', 'publish'],
  except: [],
};

export const redisLeasable = (target: Readonly<Record<string, unknown>> = {}): Leasable =>
  leasableOf('redis', { ...TARGET, ...target }, { authority: 'lease-admin' });

export const redisAuthority = (port: number, host = '127.0.0.1', more = {}): LeaseAuthority =>
  leaseAuthorityOf('redis', { endpoint: { host, port, ...more }, user: AUTHORITY });

/** The words of a line that an administrator is told to run. */
export const wordsIn = (line: string): readonly string[] => line.split(' ');

/** Prepares a server as an administrator is told to, and gives the value of its authority. */
export async function prepared({ port, admin }: RedisServer): Promise<Secret> {
  const supply = redisLeaseSupply;
  if (supply.how !== 'made-here') throw new TypeError('the password is made here');
  const declared = redisAuthority(port);
  const { value, statements } = await supply.make(declared, random);
  for (const line of [...supply.preparation(declared, []), ...statements])
    if (!line.startsWith('#')) await admin(...wordsIn(line));
  return value;
}

export const rewritten = (value: Secret, more: Readonly<Record<string, unknown>>): Secret =>
  new Secret(JSON.stringify({ ...(JSON.parse(value.reveal()) as object), ...more }));

/** What the contract's suite wants of a kind. */
export function redisSubject(
  server: RedisServer,
  value: Secret,
  more: Partial<RedisLeaserPorts> = {},
): LeaserUnderTest {
  return {
    leaser: redisLeaser({ randomBytes: random, clock: () => new Date(), pageSize: 2, ...more }),
    leasable: redisLeasable(),
    authority: {
      declared: redisAuthority(server.port),
      value,
      wrongValue: rewritten(value, { password: 'x'.repeat(40) }),
    },
    tries: async (held) => {
      try {
        (await holderOf(held)).close();
        return 'works';
      } catch (error) {
        if (error instanceof WireError && error.message.startsWith('WRONGPASS')) return 'refused';
        throw error;
      }
    },
    opens: async (held): Promise<OpenSession> => {
      const client = await holderOf(held);
      return {
        works: () =>
          client.ask('PING').then(
            () => true,
            () => false,
          ),
        close: async () => client.close(),
      };
    },
    clock: () => new Date(),
    pass: (seconds) => sleep(seconds * 1000),
    written: server.written,
    newId: newLeaseId,
    cleanUp: async () => undefined,
  };
}

/** Logs in with nothing but a value. */
export async function holderOf(value: Secret, port?: number): Promise<RedisClient> {
  const login = JSON.parse(value.reveal()) as { port: number; username: string; password: string };
  const client = await redisClient(port ?? login.port);
  try {
    await client.ask('AUTH', login.username, login.password);
    await client.ask('PING');
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}
