import * as z from 'zod';
import { Name } from '../authoring-schema.ts';
import { days, durationOf, hours, minutes, seconds } from '../duration.ts';

/*
 * The fields of everything that concerns access, as the file's author writes them. What may differ by environment
 * stands apart (`…Bound`): the embedded world gives it by name.
 */

const Sentence = (what: string) => z.string().trim().min(1).max(200).describe(what);

const HttpsUrl = (what: string) =>
  z
    .url({ protocol: /^https?$/ })
    .max(512)
    .refine((text) => {
      // Runs also where the check before it has failed.
      if (!URL.canParse(text)) return false;
      const { username, password, search, hash } = new URL(text);
      return [username, password, search, hash].every((part) => part === '');
    })
    .describe(`${what}: an https URL without login, query or fragment`);

/** Asymmetric ones alone: with a shared secret, whoever can check a token can make one (RFC 8725 §3.1, §3.2). */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** A claim, or the way to it with dots. */
const ClaimName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_:/.-]+$/)
  .describe('the name of a claim, or the way to it with dots');

/** Somebody who signs tokens. */
export const issuerShape = {
  use: z
    .enum(['caller', 'acting-for'])
    .default('caller')
    .describe(
      'caller (whoever holds its tokens asks by them) or acting-for (an agent shows whom it acts for)',
    ),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1)
    .max(ALGORITHMS.length)
    .default(['RS256', 'ES256'])
    .describe(`asymmetric algorithms of its signatures: ${ALGORITHMS.join(', ')}`),
  clockSkew: durationOf('how far its clock may be off').default(seconds(60)),
  longestToken: durationOf('the longest that one of its tokens may be good for').default(hours(1)),
  claims: z
    .strictObject({
      groups: ClaimName.optional(),
      purposes: ClaimName.optional(),
      leases: ClaimName.optional(),
      subject: ClaimName.optional(),
    })
    .optional()
    .describe(
      '{ groups?, purposes?, leases?, subject? }: the names of claims, where they are not the usual ones',
    ),
  people: Name.optional().describe(
    'the name of the directory that its people stand in, in kebab-case: the same at every issuer of the same people',
  ),
};
export const issuerBound = {
  issuer: HttpsUrl('what its tokens say as iss'),
  audience: z.string().min(1).max(512).describe('what its tokens have to say as aud'),
  jwksUrl: HttpsUrl('where its keys are').optional(),
};

const Token = z
  .strictObject({
    issuer: Name.describe('the name of an issuer, in kebab-case'),
    claims: z
      .record(ClaimName, z.string().min(1).max(512).describe('the exact value of a claim'))
      .refine((claims) => Object.keys(claims).length > 0)
      .describe('at least one claim and its exact value'),
  })
  .describe('{ issuer, claims }');

/** What says who runs a workload, and whose it is. */
export const workloadAccessShape = { owner: Name.optional().describe('the name of an owner, in kebab-case') };
export const workloadTokensBound = {
  tokens: z.array(Token).max(10).default([]).describe('how tokens name it: a list of { issuer, claims }'),
};

const Group = z
  .strictObject({
    issuer: Name.describe('the name of an issuer, in kebab-case'),
    group: z.string().min(1).max(256).describe('the group as its tokens name it'),
  })
  .describe('{ issuer, group }');

/** Who people are. */
export const roleShape = {
  owner: Name.optional().describe('the name of an owner, in kebab-case'),
  groups: z.array(Group).max(50).default([]).describe('groups at an issuer: a list of { issuer, group }'),
  sessionNamesProved: z
    .boolean()
    .optional()
    .describe('true where nobody who assumes its principals can choose the name of the session'),
  secondFactorProved: z
    .boolean()
    .optional()
    .describe('true where nobody assumes its principals without a second factor'),
};
export const roleBound = {
  principals: z
    .array(
      z
        .string()
        .max(2048)
        .regex(/^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/)
        .describe('the ARN of an IAM role'),
    )
    .max(20)
    .default([])
    .describe('ARNs of the IAM roles that these people assume'),
};

/** A workload that decides by itself. */
export const agentShape = {
  owner: Name.describe('the name of an owner, in kebab-case'),
  workload: Name.describe('the name of the workload that it runs as, in kebab-case'),
  actsFor: z
    .enum(['person', 'itself'])
    .default('person')
    .describe('person (each request carries the token of whom it acts for) or itself'),
};

const names = (what: string) => z.array(Name).max(100).default([]).describe(`names of ${what}`);

/** What a lease may be for, and who may ever say so. */
export const purposeShape = {
  meaning: Sentence('what it is for, in a sentence'),
  workloads: names('workloads that may state it'),
  agents: names('agents that may state it'),
  roles: names('roles whose people may state it'),
};

/** How much a leak would cost. */
export const Tier = z
  .union([z.literal(0), z.literal(1), z.literal(2)])
  .describe('0 (whoever has it has everything behind it), 1 or 2');

/** Headers that frame a request or say where it goes. */
const FRAMING =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*)$/;

const field = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
  .describe('the field of the value that holds the key');

const Put = z
  .discriminatedUnion('into', [
    z.strictObject({
      into: z.literal('header'),
      name: z
        .string()
        .max(64)
        .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
        .refine((name) => !FRAMING.test(name))
        .describe('the name of a header in small letters, none that frames the request'),
      prefix: z
        .string()
        .max(32)
        .regex(/^[\x20-\x7e]*$/)
        .default('')
        .describe('what stands before the key: at most 32 printable ASCII characters'),
      field,
    }),
    z.strictObject({
      into: z.literal('query'),
      name: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,64}$/)
        .describe('the name of a parameter of the query'),
      field,
    }),
    z.strictObject({
      into: z.literal('basic'),
      user: z
        .string()
        .regex(/^[\x21-\x39\x3b-\x7e]{1,128}$/)
        .describe('the user name: printable ASCII without a colon'),
      field,
    }),
    z.strictObject({
      into: z.literal('sigv4'),
      service: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/)
        .describe("the name by which AWS's signatures call the service"),
      region: z
        .string()
        .regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d$/)
        .describe('the name of an AWS region, such as eu-central-1'),
    }),
  ])
  .describe(
    "{ into: 'header', name, prefix?, field }, { into: 'query', name, field }, { into: 'basic', user, field } or { into: 'sigv4', service, region }",
  );

/** Where the value may go through the proxy. */
export const egressShape = {
  port: z.int().min(1).max(65_535).default(443).describe('a port from 1 to 65535'),
  network: z
    .enum(['public', 'private'])
    .default('public')
    .describe('public, or private for a host in a network of your own'),
  paths: z
    .array(
      z
        .string()
        .max(256)
        .regex(/^(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)))\/[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/)
        .describe('the beginning of a path: /, and no dots alone, no % and no query'),
    )
    .min(1)
    .max(20)
    .default(['/'])
    .describe('beginnings of the paths that are allowed'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .max(6)
    .default(['GET', 'POST'])
    .describe('methods that are allowed: GET, HEAD, POST, PUT, PATCH, DELETE'),
  put: Put,
};
export const egressBound = {
  host: z
    .string()
    .max(253)
    .regex(/^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/)
    .describe('one host name in small letters: no wildcard, no address, no port'),
  ca: z
    .string()
    .max(32_768)
    .regex(/^\s*(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/)
    .optional()
    .describe('the text of at most 32 KB of PEM certificates, and nothing else'),
};

/** How long leases are, where the file says nothing. */
export const TTL_DEFAULTS = {
  default: minutes(15),
  maximum: hours(1),
} as const;

const Ttl = z
  .strictObject({
    default: durationOf('how long a lease is, where nobody says').optional(),
    maximum: durationOf('the longest that can be asked for').optional(),
    longest: durationOf('the longest over all renewals').optional(),
  })
  .default({})
  .describe('{ default?, maximum?, longest? }');

const Limits = z
  .strictObject({
    perPrincipal: z.int().min(1).max(1000).default(5).describe('live leases of one caller: 1 to 1000'),
    total: z.int().min(1).max(100_000).default(100).describe('live leases of all: 1 to 100000'),
    perMinute: z.int().min(1).max(10_000).default(60).describe('new leases in a minute: 1 to 10000'),
  })
  .prefault({})
  .describe('{ perPrincipal?, total?, perMinute? }');

/** What everything that can be leased has; `leaseFieldsOf` says which of it a kind has. */
export const leaseShape = {
  owner: Name.describe('the name of an owner, in kebab-case'),
  tier: Tier.default(1),
  authority: Name.describe('the name of the lease authority that makes it, in kebab-case'),
  standsFor: Name.optional().describe('the name of the credential that it is the short-lived form of'),
  ttl: Ttl,
  limits: Limits,
  purposes: z.array(Name).min(1).max(50).describe('names of at least one purpose that it may be leased for'),
};

/** What every lease authority has. */
export const leaseAuthorityShape = {
  owner: Name.describe('the name of an owner, in kebab-case'),
  supplyEvery: durationOf('how old its value may grow').default(days(90)),
  limits: z
    .strictObject({
      total: z.int().min(1).max(100_000).describe('live leases of all that it makes: 1 to 100000'),
      perMinute: z.int().min(1).max(10_000).describe('new leases in a minute: 1 to 10000'),
    })
    .optional()
    .describe('{ total, perMinute }: what its target bears'),
};

/** The blast-radius budget. */
export const blastRadiusShape = {
  perPrincipal: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('how much one principal may reach, weighted by tier: 1 to 100000'),
};
