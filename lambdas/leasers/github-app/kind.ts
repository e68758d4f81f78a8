import * as z from 'zod';
import { hasAll } from '../../contracts/targets/rights.ts';
import type { LeaserKind, LeasableWithAuthority } from '../../core/kind.ts';
import { placeOfUrl } from '../../core/network-place.ts';
import { githubAppCapabilities } from './capabilities.ts';

/**
 * Whoever may write these can make deploy keys, collaborators, members, runners, hooks or tokens: rights that are not the
 * token's own and do not end with it.
 */
const LASTING: ReadonlySet<string> = new Set([
  'administration',
  'members',
  'organization_administration',
  'organization_custom_org_roles',
  'organization_custom_roles',
  'organization_hooks',
  'organization_personal_access_token_requests',
  'organization_personal_access_tokens',
  'organization_self_hosted_runners',
  'repository_hooks',
]);

const Access = z
  .strictObject({
    repositories: z
      .array(
        z
          .string()
          .max(100)
          .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]+$/)
          .describe('the name of a repository, without its owner'),
      )
      .min(1)
      .max(500)
      .describe('names of at least one repository'),
    permissions: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z_]{1,63}$/)
          .describe('a permission as the API calls it, such as contents or pull_requests'),
        z.enum(['read', 'write', 'admin']).describe('read, write or admin'),
      )
      .refine((permissions) => Object.keys(permissions).length > 0)
      .refine((permissions) =>
        Object.entries(permissions).every(([name, level]) => level === 'read' || !LASTING.has(name)),
      )
      .describe(
        'at least one permission, with read, write or admin; administration, members and what else lets somebody in for longer than a lease with read alone',
      ),
    purposes: z
      .array(z.string().min(1).max(64).describe('the name of a purpose'))
      .min(1)
      .max(50)
      .optional()
      .describe('purposes that it is for; absent in the one entry for all others'),
  })
  .describe('{ repositories, permissions, purposes? }');

const GithubAppTarget = z.strictObject({
  installation: z.int().min(1).describe('the number of an installation of the App'),
  account: z
    .string()
    .regex(/^(?!-)[A-Za-z0-9_-]{1,100}$/)
    .describe('the login of the organization or person who installed the App and owns the repositories'),
  access: z
    .array(Access)
    .min(1)
    .max(20)
    // A token is one set of repositories and one of permissions: two entries for one purpose would have to be multiplied.
    .refine((entries) => {
      const purposes = entries.flatMap((entry) => entry.purposes ?? ['']);
      return new Set(purposes).size === purposes.length;
    })
    .describe('what a token may do, one entry for each purpose: { repositories, permissions, purposes? }'),
});
/** What the leaser needs of something that is leased as an installation token. */
export type GithubAppTarget = z.infer<typeof GithubAppTarget>;

const ApiUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    // Runs also where the check before it has failed.
    if (!URL.canParse(text)) return false;
    const { username, password, search, hash } = new URL(text);
    return [username, password, search, hash].every((part) => part === '') && !text.endsWith('/');
  })
  .describe('the base of the API: an https URL without login, query, fragment or final slash');

const GithubAppAuthorityTarget = z.strictObject({
  apiUrl: ApiUrl.default('https://api.github.com'),
  clientId: z
    .string()
    .regex(/^(?:Iv[0-9A-Za-z.]{1,60}|[1-9]\d{0,11})$/)
    .describe("the App's client id, or its number"),
});
/** What the leaser needs of a GitHub App. */
export type GithubAppAuthorityTarget = z.infer<typeof GithubAppAuthorityTarget>;

const LEVELS = ['read', 'write', 'admin'] as const;

/** Every right at every repository, with those below it, one text each: `https://api.github.com/example/app contents:read`. */
function rightsOf({ leasable, authority }: LeasableWithAuthority): readonly string[] {
  if (!authority) return [];
  const { account, access } = GithubAppTarget.parse(leasable.target);
  const { apiUrl } = GithubAppAuthorityTarget.parse(authority.target);
  return access.flatMap(({ repositories, permissions }) =>
    repositories.flatMap((repository) =>
      Object.entries(permissions).flatMap(([name, level]) =>
        LEVELS.slice(0, LEVELS.indexOf(level) + 1).map(
          (each) => `${`${apiUrl}/${account}/${repository}`.toLowerCase()} ${name}:${each}`,
        ),
      ),
    ),
  );
}

/** An installation token of a GitHub App. */
export const githubAppKind = {
  name: 'github-app',
  capabilities: githubAppCapabilities,
  target: GithubAppTarget,
  environmentBound: ['installation', 'account', 'access'],
  authority: {
    target: GithubAppAuthorityTarget,
    environmentBound: ['apiUrl', 'clientId'],
    accounts: ({ target }) => {
      const { apiUrl, clientId } = GithubAppAuthorityTarget.parse(target);
      return [`${apiUrl.toLowerCase()}/app/${clientId}`];
    },
  },
  /** A token acts as the App's installation, which no credential that Lockstep rotates is. */
  accounts: () => [],
  includes: (one, other) => hasAll(rightsOf(one), rightsOf(other)),
  places: (_leasable, authority) =>
    authority ? [placeOfUrl(GithubAppAuthorityTarget.parse(authority.target).apiUrl)] : [],
} as const satisfies LeaserKind<z.ZodObject>;
