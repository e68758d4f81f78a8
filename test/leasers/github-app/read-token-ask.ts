export type Level = 'read' | 'write' | 'admin';

/** What a token was asked for, once the form of all of it was right. */
export interface TokenAsk {
  readonly repositories: readonly string[];
  readonly permissions: Readonly<Record<string, Level>>;
}

/** Some of the permissions that the description has (`app-permissions`): others are offences. */
const PERMISSIONS: ReadonlySet<string> = new Set([
  'contents',
  'metadata',
  'issues',
  'pull_requests',
  'actions',
]);

/**
 * Reads the body of "Create an installation access token for an app". What the description does not know is an offence;
 * so is what it allows and this leaser must never send: a request without repositories or without permissions, which is
 * one for all of them.
 */
export function readTokenAsk(body: unknown): TokenAsk {
  const { repositories, permissions, ...others } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (Object.keys(others).length > 0) throw new Error('fields that the description does not know');
  if (!Array.isArray(repositories) || repositories.length === 0 || repositories.length > 500)
    throw new Error('a token for all repositories was asked for, or for more than 500');
  for (const name of repositories)
    if (typeof name !== 'string' || !/^[\w.-]{1,100}$/.test(name))
      throw new Error('a name that no repository has');
  const entries = Object.entries((permissions ?? {}) as Readonly<Record<string, unknown>>);
  if (entries.length === 0) throw new Error('a token with all permissions was asked for');
  for (const [name, level] of entries)
    if (!PERMISSIONS.has(name) || (level !== 'read' && level !== 'write' && level !== 'admin'))
      throw new Error('a permission that the description does not know');
  return {
    repositories: repositories as string[],
    permissions: Object.fromEntries(entries) as Record<string, Level>,
  };
}
