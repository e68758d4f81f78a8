import { afterAll, beforeAll, vi } from 'vitest';
import type { Secret } from '../../../lambdas/core/secret.ts';
import { redisLeaseCapabilities } from '../../../lambdas/leasers/redis/capabilities.ts';
import { describeLeaserContract } from '../leaser-contract.ts';
import { describeRedisLeases } from './describe-leases.ts';
import { redisDouble, type RedisDouble } from './redis-double.ts';
import { prepared, redisSubject, type RedisServer } from './subject.ts';

// Sessions that stand still are ended by the server after seconds.
vi.setConfig({ testTimeout: 60_000 });

let double: RedisDouble | undefined;
let bed: { readonly server: RedisServer; readonly value: Secret } | undefined;
beforeAll(async () => {
  const { port, admin, written } = (double = await redisDouble());
  const server = {
    port,
    admin: async (...words: readonly string[]) => admin(...words),
    written: async () => written(),
  };
  bed = { server, value: await prepared(server) };
});
afterAll(() => double?.close());

const theBed = () => {
  if (bed) return bed;
  throw new TypeError('there is no server');
};

describeLeaserContract({
  name: 'a user of Redis, on the double of Redis,',
  capabilities: redisLeaseCapabilities,
  traits: ['sessions', 'authority', 'written', 'fresh-values'],
  shortSeconds: 1,
  make: async () => redisSubject(theBed().server, theBed().value),
});

describeRedisLeases('the double of Redis', theBed);
