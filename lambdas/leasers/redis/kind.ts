import * as z from 'zod';
import { accountAt, placeOf } from '../../contracts/targets/endpoint.ts';
import { serverEndpoint } from '../../contracts/targets/endpoint-schema.ts';
import { fitsWithin, hasAll } from '../../contracts/targets/rights.ts';
import type { LeaserKind, LeasableWithAuthority } from '../../core/kind.ts';
import { redisLeaseCapabilities } from './capabilities.ts';

/** A glob of keys or channels. Neither blank nor quote nor a character that a rule of the ACL could end at. */
const Pattern = (what: string) =>
  z
    .string()
    .regex(/^[!#-~]{1,256}$/)
    .refine((text) => !/["'\\]/.test(text))
    .describe(`${what}: 1 to 256 printable characters without blanks and quotes`);

const COMMAND = /^@?[a-z][a-z0-9._-]{0,63}(\|[a-z][a-z0-9._-]{0,63})?$/;

/** By these anybody makes himself something else, lets others in, copies or stops the server: no lease gets them. */
const NEVER =
  /^(@all|@admin|@dangerous|acl|bgrewriteaof|bgsave|cluster|client|config|debug|failover|function|latency|migrate|module|monitor|psync|replicaof|restore-asking|save|script|shutdown|slaveof|slowlog|swapdb|sync)(\||$)/;

/** What a client library asks of itself and of the cluster. */
const HARMLESS =
  /^(client\|(getname|id|info|setinfo|setname|tracking)|cluster\|(info|keyslot|myid|nodes|shards|slots))$/;

const Command = z
  .string()
  .regex(COMMAND)
  .refine((text) => HARMLESS.test(text) || !NEVER.test(text))
  .describe(
    'a command (get), a subcommand (client|id) or a category (@read) of Redis, and none that administers the server',
  );

const RedisLeaseTarget = z.strictObject({
  keys: z
    .array(
      z
        .strictObject({
          pattern: Pattern('a glob of keys'),
          access: z.enum(['read', 'write', 'read-write']).default('read-write'),
        })
        .describe('{ pattern, access? } of keys'),
    )
    .max(32)
    .default([])
    .describe('up to 32 globs of keys'),
  channels: z.array(Pattern('a glob of channels')).max(32).default([]).describe('up to 32 globs of channels'),
  commands: z
    .array(Command)
    .min(1)
    .max(128)
    .describe('1 to 128 commands or categories that the lease may run'),
  except: z
    .array(z.string().regex(COMMAND).describe('a command, a subcommand or a category of Redis'))
    .max(128)
    .default([])
    .describe('up to 128 commands or categories that it may not run all the same'),
});
/** What the leaser needs of something that is leased as a user of Redis. */
export type RedisLeaseTarget = z.infer<typeof RedisLeaseTarget>;

const RedisLeaseAuthorityTarget = z.strictObject({
  endpoint: serverEndpoint(6379),
  user: z
    .string()
    .regex(/^(?!default$)[A-Za-z_][A-Za-z0-9_.-]{0,63}$/)
    .describe('the ACL user of the lease authority: 1 to 64 letters, digits, _, . and -, not default'),
});
/** What the leaser needs of the user that makes leases. */
export type RedisLeaseAuthorityTarget = z.infer<typeof RedisLeaseAuthorityTarget>;

const serverOf = ({ authority }: LeasableWithAuthority): readonly string[] =>
  authority ? [accountAt('redis', RedisLeaseAuthorityTarget.parse(authority.target).endpoint, '')] : [];

/** What a category holds, the server alone knows: `@read` has what is called `@read`. */
function giveAll(one: RedisLeaseTarget, other: RedisLeaseTarget): boolean {
  const hasKey = ({ pattern, access }: RedisLeaseTarget['keys'][number]): boolean =>
    one.keys.some(
      (key) => fitsWithin(key.pattern, pattern) && (key.access === 'read-write' || key.access === access),
    );
  const hasCommand = (command: string): boolean =>
    one.commands.some((each) => command === each || command.startsWith(`${each}|`));
  return (
    other.keys.every(hasKey) &&
    other.channels.every((channel) => one.channels.some((each) => fitsWithin(each, channel))) &&
    other.commands.every(hasCommand) &&
    one.except.every((each) => other.except.includes(each))
  );
}

/** An ACL user for each lease, on Redis 7 or newer. */
export const redisLeaseKind = {
  name: 'redis',
  capabilities: redisLeaseCapabilities,
  target: RedisLeaseTarget,
  environmentBound: [],
  authority: {
    target: RedisLeaseAuthorityTarget,
    environmentBound: ['endpoint'],
    accounts({ target }) {
      const { endpoint, user } = RedisLeaseAuthorityTarget.parse(target);
      return [accountAt('redis', endpoint, user)];
    },
  },
  /** An ACL user borrows nobody's rights. */
  accounts: () => [],
  includes: (one, other) =>
    hasAll(serverOf(one), serverOf(other)) &&
    giveAll(RedisLeaseTarget.parse(one.leasable.target), RedisLeaseTarget.parse(other.leasable.target)),
  places: (_leasable, authority) =>
    authority ? [placeOf(RedisLeaseAuthorityTarget.parse(authority.target).endpoint)] : [],
} as const satisfies LeaserKind<z.ZodObject>;
