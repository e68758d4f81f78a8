import * as z from 'zod';
import type { CredentialKind, DependentKind } from '../kinds.ts';
import { durationOf, hours, seconds } from './duration.ts';

/** A name of ours: an owner, environment, workload, credential or dependent. It becomes part of names on AWS. */
export const Name = z
  .string()
  .max(64)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
  .meta({
    id: 'name',
    description: 'a name in kebab-case of at most 64 characters: letters a to z, digits and single hyphens',
  });

const Sentence = (what: string) => z.string().trim().min(1).max(200).describe(what);

const Instant = z.iso.datetime().describe('an instant in UTC, such as 2027-01-01T00:00:00Z');

const Freeze = z
  .strictObject({ from: Instant, until: Instant, reason: Sentence('why nothing may start, in a sentence') })
  .meta({ id: 'freeze', description: '{ from, until, reason }' });

const freezes = z.array(Freeze).default([]).describe('stretches of time in which nothing starts to rotate');

/** A team. */
export const ownerShape = { contact: Sentence('how to reach the team: a channel, an address, a rota') };

/** The embedded world. */
export const localShape = {
  cadence: z
    .enum(['declared', 'fast'])
    .default('declared')
    .describe('fast (short cadences, caches and deadlines) or declared (those of the file)'),
  freezes,
};

/** An environment on AWS. */
export const awsShape = {
  account: z
    .string()
    .regex(/^\d{12}$/)
    .describe('the id of an AWS account: 12 digits, in quotes'),
  region: z
    .string()
    .regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d$/)
    .describe('the name of an AWS region, such as eu-central-1'),
  trail: z
    .enum(['existing', 'create'])
    .default('create')
    .describe('existing (the account has a CloudTrail trail) or create (Lockstep makes one)'),
  freezes,
  onCall: z
    .strictObject({ email: z.email().max(254).optional().describe('an email address') })
    .default({})
    .describe('who is paged: { email? }'),
};

/** What of a workload may differ by environment. */
export const workloadBound = {
  role: z
    .string()
    .max(2048)
    .regex(/^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/)
    .optional()
    .describe("the ARN of the workload's IAM role"),
};

/** Times and policy of retirement. */
export const retireShape = {
  afterAdoption: durationOf('the drain').default(hours(1)),
  soak: durationOf('the soak').default(hours(1)),
  deadline: durationOf('the deadline of adoption').default(hours(12)),
  onDeadline: z
    .enum(['hold-and-page', 'retire-anyway', 'roll-back'])
    .default('hold-and-page')
    .describe('hold-and-page, retire-anyway or roll-back'),
};

/** What every credential may have; `fieldsOf` says which of it a kind has. */
export const credentialShape = {
  owner: Name.describe('the name of an owner, in kebab-case'),
  authority: Name.describe('the name of the credential that may change this one, in kebab-case'),
  rotateEvery: durationOf('the cadence'),
  boundTo: z.array(Name).max(100).default([]).describe('names of workloads that may read it'),
};
/** What differs by environment in any credential. */
export const credentialBound = {
  adopters: z
    .array(
      z
        .string()
        .max(2048)
        .regex(/^arn:[a-z-]+:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/)
        .describe('the ARN of an IAM role or user'),
    )
    .max(20)
    .default([])
    .describe('ARNs of the IAM roles or users who may put a first value'),
};

/** What every dependent has. */
export const dependentShape = {
  name: Name.describe('the name of the dependent, in kebab-case'),
  workload: Name.optional().describe('the name of the workload that it acknowledges as, in kebab-case'),
  cacheTtl: durationOf('the longest it may serve a value that it has read'),
};
/** Evidence of adoption at the target. */
export const evidenceShape = {
  applicationName: z
    .string()
    .regex(/^[\x20-\x7e]{1,63}$/)
    .describe('what its sessions call themselves: 1 to 63 printable ASCII characters'),
  poolLifetime: durationOf('how long its pool keeps one session'),
  suffices: z
    .boolean()
    .default(false)
    .describe('true or false: whether it counts without an acknowledgement'),
};
export const evidenceBound = {
  clientAddress: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe('the IP address that its sessions come from'),
};

/** The fields of `target` that the file gives for a kind: those that are not copied from its authority. */
export function targetShapes({ target, fromAuthority, environmentBound }: CredentialKind) {
  const own = Object.entries(target.shape).filter(([field]) => !fromAuthority.includes(field));
  return splitBound(own, environmentBound);
}

/** The fields of `settings` that the file gives for a kind of dependent. */
export const settingsShapes = ({ settings, environmentBound }: DependentKind) =>
  splitBound(Object.entries(settings.shape), environmentBound);

/** Whether an object of the file may have one of the common fields, by what its kind is. */
export function commonFieldsOf(kind: CredentialKind): readonly string[] {
  return [
    'owner',
    'tier',
    'rotateEvery',
    'adopters',
    ...(kind.authorityKind === undefined ? [] : ['authority']),
    ...(kind.isAuthority ? [] : ['boundTo', 'dependents']),
    ...(kind.capabilities.endsPredecessorAtInstall ? [] : ['retire']),
  ];
}

/** Where the predecessor ends at once there is nothing to drain and nothing to watch. */
export const retireDefaults = (kind: CredentialKind | undefined) =>
  kind?.capabilities.endsPredecessorAtInstall
    ? { afterAdoption: seconds(0), soak: seconds(0) }
    : { afterAdoption: hours(1), soak: hours(1) };

/** The fields of one kind: those with one value, and those that may have one for each environment. */
export interface Shapes {
  readonly plain: Readonly<Record<string, z.ZodType>>;
  readonly bound: Readonly<Record<string, z.ZodType>>;
}

/** The fields of a kind, apart by whether they may differ between environments. */
export function splitBound(
  fields: readonly (readonly [string, unknown])[],
  bound: readonly string[],
): Shapes {
  const typed = fields as readonly (readonly [string, z.ZodType])[];
  return {
    plain: Object.fromEntries(typed.filter(([field]) => !bound.includes(field))),
    bound: Object.fromEntries(typed.filter(([field]) => bound.includes(field))),
  };
}
