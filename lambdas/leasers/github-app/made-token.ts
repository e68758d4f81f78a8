import { fit, listOf, mapOf, oneOf, record, text } from '../../contracts/check.ts';
import { LockstepError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { instant, type Instant } from '../../core/time.ts';
import { LEVELS, type InstallationToLease, type Level, type TokenAccess } from './target.ts';

/** A token that GitHub has made, and what it says of it. */
export interface MadeToken {
  readonly token: Secret;
  readonly expiresAt: Instant;
  readonly permissions: Readonly<Record<string, Level>>;
  readonly repositories: readonly string[];
  /** Whether it is for some repositories, or for all that the installation has. */
  readonly selection: 'all' | 'selected';
}

const visible = /^[!-~]{20,4096}$/;

/** The token alone: what is needed to take back one that is not as it should be. `undefined` where there is none. */
export function tokenIn(answer: unknown): Secret | undefined {
  const token =
    typeof answer === 'object' && answer !== null
      ? Object.getOwnPropertyDescriptor(answer, 'token')?.value
      : undefined;
  return typeof token === 'string' && visible.test(token) ? new Secret(token) : undefined;
}

/** What GitHub answers to a request for a token. Throws `TARGET_REFUSED` for anything else, quoting none of it. */
export function madeTokenIn(answer: unknown, subject: string): MadeToken {
  const token = tokenIn(answer);
  const what = `the token that the API of ${subject} answered with`;
  const read = fit(
    record<{
      readonly expires_at: string;
      readonly permissions: Readonly<Record<string, Level>>;
      readonly repositories: readonly { readonly full_name: string }[];
      readonly repository_selection: 'all' | 'selected';
    }>({
      expires_at: text,
      permissions: mapOf(oneOf(...LEVELS)),
      repositories: listOf(record<{ readonly full_name: string }>({ full_name: text })),
      repository_selection: oneOf('all', 'selected'),
    }),
    answer,
    'TARGET_REFUSED',
    what,
  );
  const expiresAt = new Date(read.expires_at);
  if (!token || Number.isNaN(expiresAt.getTime()))
    throw new LockstepError('TARGET_REFUSED', `${what}: no token, or no time at which it ends`);
  return {
    token,
    expiresAt: instant(expiresAt),
    permissions: read.permissions,
    repositories: read.repositories.map(({ full_name }) => full_name),
    selection: read.repository_selection,
  };
}

/**
 * Refuses a token that can do more than was asked for, or does it to somebody else: whoever installs an App chooses what
 * their repositories are called, and the inventory knows an installation by its number alone.
 */
export function assertNarrow(
  made: MadeToken,
  asked: TokenAccess,
  { account }: InstallationToLease,
  subject: string,
): void {
  const names = new Set(asked.repositories.map((name) => `${account}/${name}`.toLowerCase()));
  const foreign = made.repositories.some((name) => !names.has(name.toLowerCase()));
  if (made.selection !== 'selected' || made.repositories.length === 0 || foreign)
    throw refused(
      subject,
      `for repositories that were not asked for; does installation belong to ${account}?`,
    );
  const beyond = Object.entries(made.permissions).some(([name, level]) => !isWithin(name, level, asked));
  if (beyond) throw refused(subject, 'with permissions that were not asked for; is apiUrl its API?');
}

/** That a repository is there, whoever may do anything to it also sees: GitHub adds this by itself. */
const isWithin = (name: string, level: Level, { permissions }: TokenAccess): boolean => {
  const asked = Object.hasOwn(permissions, name) ? permissions[name] : undefined;
  if (asked === undefined) return name === 'metadata' && level === 'read';
  return LEVELS.indexOf(level) <= LEVELS.indexOf(asked);
};

const refused = (subject: string, what: string): LockstepError =>
  new LockstepError('TARGET_REFUSED', `the API of ${subject} made a token ${what} It is taken back`);
