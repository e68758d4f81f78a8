import { createHash } from 'node:crypto';
import { WireError, type Wire } from './wire.ts';

/** A user of the double. */
export interface AclUser {
  readonly passwords: ReadonlySet<string>;
  readonly isOn: boolean;
  readonly nopass: boolean;
  /** `+` and `-`, in the order in which they were given. */
  readonly commands: readonly string[];
  readonly keys: readonly string[];
  readonly channels: readonly string[];
}

/** A user as Redis makes one: off, without a password, and without any right. */
export const NEW_USER: AclUser = {
  passwords: new Set(),
  isOn: false,
  nopass: false,
  commands: ['-@all'],
  keys: [],
  channels: [],
};

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The commands that the double has, and the categories that Redis 7 has them in. */
const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  get: ['@read', '@string', '@fast'],
  set: ['@write', '@string', '@slow'],
  ping: ['@connection', '@fast'],
  time: ['@fast'],
  keys: ['@keyspace', '@read', '@slow', '@dangerous'],
  flushall: ['@keyspace', '@write', '@slow', '@dangerous'],
  publish: ['@pubsub', '@fast'],
  watch: ['@transaction', '@fast'],
  multi: ['@transaction', '@fast'],
  exec: ['@transaction', '@slow'],
  'function|load': ['@write', '@slow', '@scripting'],
  'script|flush': ['@slow', '@scripting'],
  'client|id': ['@slow', '@connection'],
  'client|kill': ['@admin', '@slow', '@dangerous', '@connection'],
  'config|set': ['@admin', '@slow', '@dangerous'],
  'acl|setuser': ['@admin', '@slow', '@dangerous'],
  'acl|deluser': ['@admin', '@slow', '@dangerous'],
  'acl|getuser': ['@admin', '@slow', '@dangerous'],
  'acl|users': ['@admin', '@slow', '@dangerous'],
  'acl|whoami': ['@slow'],
};
const KNOWN = new Set([
  '@all',
  ...Object.keys(CATEGORIES),
  ...Object.values(CATEGORIES).flat(),
  ...Object.keys(CATEGORIES).flatMap((command) => command.split('|')[0] ?? []),
]);

/** Whether a user may run a command: the last rule that speaks of it counts. */
export function mayRun(user: AclUser, command: string): boolean {
  const names = ['@all', command, command.split('|')[0] ?? '', ...(CATEGORIES[command] ?? [])];
  const last = user.commands.filter((rule) => names.includes(rule.slice(1))).at(-1);
  return last?.startsWith('+') === true;
}

/** Whether a user may read or write a key. */
export const mayUse = (user: AclUser, key: string, how: 'R' | 'W'): boolean =>
  user.keys.some((rule) => {
    const [, kinds, pattern] = /^%?(R|W|RW)?~(.*)$/.exec(rule) ?? [];
    return (kinds === undefined || kinds.includes(how)) && matches(pattern ?? '', key);
  });

/** Whether a user may publish to a channel. */
export const mayPublish = (user: AclUser, channel: string): boolean =>
  user.channels.some((rule) => matches(rule.slice(1), channel));

/** Globs with stars alone: the double refuses others. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern.replaceAll(/[.+^${}()|[\]\\?]/g, String.raw`\$&`).replaceAll('*', '.*')}$`,
    's',
  ).test(text);

/** One modifier of `ACL SETUSER`. Throws what Redis answers to one that it does not know. */
export function modified(user: AclUser, rule: string): AclUser {
  switch (rule) {
    case 'reset':
      return NEW_USER;
    case 'on':
    case 'off':
      return { ...user, isOn: rule === 'on' };
    case 'nopass':
      return { ...user, nopass: true, passwords: new Set() };
    case 'resetpass':
      return { ...user, nopass: false, passwords: new Set() };
    case 'resetkeys':
      return { ...user, keys: [] };
    case 'resetchannels':
      return { ...user, channels: [] };
    case 'clearselectors':
      return user;
    default:
      return modifiedByText(user, rule);
  }
}

function modifiedByText(user: AclUser, rule: string): AclUser {
  const [mark, rest] = [rule.charAt(0), rule.slice(1)];
  if (mark === '>') return { ...user, passwords: new Set([...user.passwords, sha256(rest)]) };
  if (mark === '#' && /^[0-9a-f]{64}$/.test(rest))
    return { ...user, nopass: false, passwords: new Set([...user.passwords, rest]) };
  if (mark === '~' || /^%(R|W|RW)~/.test(rule)) return { ...user, keys: [...user.keys, rule] };
  if (mark === '&') return { ...user, channels: [...user.channels, rule] };
  if ((mark === '+' || mark === '-') && KNOWN.has(rest)) {
    const commands = rest === '@all' ? [rule] : [...user.commands, rule];
    return { ...user, commands };
  }
  throw new WireError(`ERR Error in ACL SETUSER modifier '${rule}': Unknown command or category name in ACL`);
}

/** `ACL GETUSER`, as Redis 7 answers it. */
export const described = (user: AclUser): Wire => [
  'flags',
  [user.isOn ? 'on' : 'off', ...(user.nopass ? ['nopass'] : [])],
  'passwords',
  [...user.passwords],
  'commands',
  user.commands.join(' '),
  'keys',
  user.keys.join(' '),
  'channels',
  user.channels.join(' '),
  'selectors',
  [],
];
