import { createHash } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';
import { MEMORY_PATTERN } from './lease-names.ts';
import type { LeaseTarget } from './target.ts';

/** A password as an ACL takes it: its digest, with which nobody can log in. It is drawn at random, so that nobody can guess it either. */
export const digestRule = (password: Secret): string =>
  `#${createHash('sha256').update(password.reveal()).digest('hex')}`;

/**
 * What no category may bring along: by these a user makes himself another one, lets others in, stops the server or
 * leaves something there. Commands that are declared one by one come after it, and the inventory refuses these among
 * them.
 */
const NEVER = ['-@admin', '-@dangerous', '-acl', '-function', '-script'];

const KEY_RULES = { read: '%R~', write: '%W~', 'read-write': '~' } as const;

/**
 * The ACL of a lease, whole: `reset` first, so that nothing is left of what was there
 * (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/).
 */
export function leaseRules(
  { keys, channels, commands, except }: LeaseTarget,
  password: Secret,
): readonly string[] {
  const isCategory = (command: string): boolean => command.startsWith('@');
  return [
    'reset',
    'on',
    digestRule(password),
    ...keys.map(({ pattern, access }) => `${KEY_RULES[access]}${pattern}`),
    ...channels.map((channel) => `&${channel}`),
    '-@all',
    ...commands.filter(isCategory).map((command) => `+${command}`),
    ...NEVER,
    ...commands.filter((command) => !isCategory(command)).map((command) => `+${command}`),
    ...except.map((command) => `-${command}`),
  ];
}

/** Commands that the authority needs, beside those of a transaction. */
export const NEEDED = ['acl|setuser', 'acl|deluser', 'acl|getuser', 'acl|users', 'time', 'get', 'set'];

/** Commands of a transaction, which some servers give as one category. */
export const TRANSACTION = ['watch', 'multi', 'exec'];

/** The ACL of the authority, but for its password. */
export const AUTHORITY_RULES: readonly string[] = [
  'on',
  'resetkeys',
  'resetchannels',
  'clearselectors',
  '-@all',
  '+@transaction',
  ...NEEDED.map((command) => `+${command}`),
  `~${MEMORY_PATTERN}`,
];
