import * as z from 'zod';
import { hasAll } from '../../contracts/targets/rights.ts';
import type { Leasable } from '../../core/access/access-inventory.ts';
import type { LeaserKind } from '../../core/kind.ts';
import { placeOfUrl } from '../../core/network-place.ts';
import { federatedCapabilities } from './capabilities.ts';

const text = (form: RegExp, what: string) => z.string().regex(form).describe(what);

const Uuid = (what: string) => z.uuid().describe(`${what}, a UUID`);

const TokenUrl = z
  .url({ protocol: /^https$/ })
  .refine((url) => {
    // Runs also where the check before it has failed.
    if (!URL.canParse(url)) return false;
    const { username, password, search, hash } = new URL(url);
    return [username, password, search, hash].every((part) => part === '');
  })
  .describe('where tokens are exchanged: an https URL without login, query or fragment');

const Scope = text(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'a scope: printable ASCII without a blank');
const scopes = z.array(Scope).min(1).max(50).describe('at least one scope');

const SubjectTokenType = z
  .enum([
    'urn:ietf:params:oauth:token-type:jwt',
    'urn:ietf:params:oauth:token-type:id_token',
    'urn:ietf:params:oauth:token-type:access_token',
  ])
  .default('urn:ietf:params:oauth:token-type:jwt')
  .describe(
    'what the token is called there: urn:ietf:params:oauth:token-type:jwt, …:id_token or …:access_token',
  );

const Exchange = z
  .discriminatedUnion('service', [
    z.strictObject({
      service: z.literal('google'),
      provider: text(
        /^\/\/iam\.googleapis\.com\/projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
        "the provider's full name: //iam.googleapis.com/projects/…/locations/global/workloadIdentityPools/…/providers/…",
      ),
      scopes,
      serviceAccount: text(
        /^[a-z0-9-]{1,64}@[a-z0-9.-]{1,100}\.gserviceaccount\.com$/,
        'the address of the service account that the token is for',
      ).optional(),
    }),
    z.strictObject({
      service: z.literal('entra'),
      tenant: Uuid('the tenant'),
      client: Uuid('the application'),
      scope: text(/^[\x21\x23-\x5b\x5d-\x7e]{1,250}\/\.default$/, 'a resource and /.default'),
    }),
    z.strictObject({
      service: z.literal('anthropic'),
      rule: text(/^fdrl_[A-Za-z0-9]{1,64}$/, 'the id of the federation rule: fdrl_…'),
      organization: Uuid('the organization'),
      serviceAccount: text(/^svac_[A-Za-z0-9]{1,64}$/, 'the id of the service account: svac_…'),
      workspace: text(
        /^(?:wrkspc_[A-Za-z0-9]{1,64}|default)$/,
        'a workspace: wrkspc_… or default',
      ).optional(),
    }),
    z.strictObject({
      service: z.literal('openai'),
      identityProvider: text(/^[A-Za-z0-9_-]{1,128}$/, 'the id of the workload identity provider'),
      serviceAccount: text(/^[A-Za-z0-9_-]{1,128}$/, 'the id of the service account'),
    }),
    z.strictObject({
      service: z.literal('rfc8693'),
      tokenUrl: TokenUrl,
      tokenType: SubjectTokenType,
      targetAudience: text(/^[!-~]{1,512}$/, 'the logical name of the target (audience)').optional(),
      resource: z
        .url({ protocol: /^https$/ })
        .max(512)
        .optional()
        .describe('the https URL of the target (resource)'),
      scopes: scopes.optional(),
      client: text(/^[!-~]{1,256}$/, 'the id of a client that has no secret (client_id)').optional(),
    }),
  ])
  .describe(
    '{ service: google, entra, anthropic, openai or rfc8693, … }: docs/leases-of-services.md has the fields of each',
  );

const FederatedTarget = z.strictObject({
  issuer: text(/^[!-~]{1,512}$/, "who has to have signed the holder's token: its iss, exactly"),
  audience: text(/^[!-~]{1,512}$/, "what the holder's token has to name as aud, and nothing besides"),
  exchange: Exchange,
});
/** What the leaser needs of something that is leased by exchanging the holder's token. */
export type FederatedTarget = z.infer<typeof FederatedTarget>;

/** Where each service takes tokens, and where it has to be asked besides. */
const PLACES = {
  google: ['https://sts.googleapis.com', 'https://iamcredentials.googleapis.com'],
  entra: ['https://login.microsoftonline.com'],
  anthropic: ['https://api.anthropic.com'],
  openai: ['https://auth.openai.com'],
} as const;

/** Whom a token is for, at which service, and what it is narrowed to there. */
function rightsOf(target: Leasable['target']): {
  readonly identity: string;
  readonly narrowedTo: readonly string[];
} {
  const { exchange } = FederatedTarget.parse(target);
  const { scopes: narrowedTo = [], ...identity } = { scopes: undefined, ...exchange };
  return { identity: JSON.stringify(identity), narrowedTo };
}

/** A token of another service, for the holder's own. Nothing is stored: not even an authority. */
export const federatedKind = {
  name: 'federated',
  capabilities: federatedCapabilities,
  target: FederatedTarget,
  environmentBound: ['issuer', 'audience', 'exchange'],
  /** It acts as an identity that has no standing key: nothing here could rotate one. */
  accounts: () => [],
  /** As the same identity. Without scopes the service decides, and nothing is said of it beside one with scopes. */
  includes({ leasable: one }, { leasable: other }) {
    const [mine, theirs] = [rightsOf(one.target), rightsOf(other.target)];
    if (mine.identity !== theirs.identity) return false;
    if (theirs.narrowedTo.length === 0) return mine.narrowedTo.length === 0;
    return hasAll(mine.narrowedTo, theirs.narrowedTo);
  },
  holderTokens({ target }) {
    const { issuer, audience } = FederatedTarget.parse(target);
    return { issuer, audience };
  },
  places({ target }) {
    const { exchange } = FederatedTarget.parse(target);
    return exchange.service === 'rfc8693'
      ? [placeOfUrl(exchange.tokenUrl)]
      : PLACES[exchange.service].map(placeOfUrl);
  },
} as const satisfies LeaserKind<z.ZodObject>;
