import * as z from 'zod';
import { fitsWithin } from '../../contracts/targets/rights.ts';
import type { LeaserKind } from '../../core/kind.ts';
import { awsSessionCapabilities } from './capabilities.ts';

const RoleArn = z
  .string()
  .max(2048)
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/(?:[\x21-\x7e]{1,512}\/)?[\w+=,.@-]{1,64}$/)
  .describe('the ARN of an IAM role that trusts lease-aws-session');

/** What makes credentials, or rights, that are not those of the session: they would outlive the lease, or exceed it. */
const ACTION = /^(?!(?:sts|iam|sso|identitystore|rolesanywhere):)[a-z0-9-]{2,64}:[A-Za-z0-9*]{1,64}$/;

const Resource = z
  .string()
  .max(512)
  .regex(/^(?:\*|arn:aws[a-z-]*:[!-~]{1,500})$/)
  .describe('the ARN of a resource, or *; ${aws:PrincipalTag/lockstep-holder} and its like may be in it');

const Statement = z
  .strictObject({
    actions: z
      .array(
        z
          .string()
          .regex(ACTION)
          .describe(
            'an action such as s3:GetObject; none of sts or iam, which make credentials that live on',
          ),
      )
      .min(1)
      .max(40)
      .describe('at least one action'),
    resources: z.array(Resource).min(1).max(40).describe('at least one resource'),
    purposes: z
      .array(z.string().min(1).max(64).describe('the name of a purpose'))
      .min(1)
      .max(50)
      .optional()
      .describe('purposes that it is for, where it is not for all'),
    when: z
      .record(
        z
          .string()
          .regex(/^(?:For(?:Any|All)Values:)?[A-Za-z]{2,40}$/)
          .describe('a condition operator such as StringEquals'),
        z.record(
          z
            .string()
            .regex(/^[A-Za-z0-9-]{1,32}:[A-Za-z0-9/_.:-]{1,128}$/)
            .describe('a condition key such as aws:SourceVpce'),
          z
            .array(
              z
                .string()
                .regex(/^[ -~]{1,256}$/)
                .describe('1 to 256 printable ASCII characters'),
            )
            .min(1)
            .max(20)
            .describe('at least one value'),
        ),
      )
      .optional()
      .describe('conditions: { operator: { key: [values] } }'),
  })
  .describe('{ actions, resources, purposes?, when? }');

/** STS takes 2,048 characters of session policy; what is for one purpose is never longer than the whole list. */
const POLICY_CHARACTERS = 1800;

const TAG = /^[A-Za-z0-9 _.:/=+@-]*$/;

const AwsSessionTarget = z.strictObject({
  role: RoleArn,
  region: z
    .string()
    .regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d$/)
    .optional()
    .describe('the region whose STS is asked, and that the holder is told'),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .optional()
    .describe('what the trust of the role asks for as sts:ExternalId'),
  allow: z
    .array(Statement)
    .min(1)
    .max(20)
    .refine((statements) => JSON.stringify(statements).length <= POLICY_CHARACTERS)
    .describe(
      `statements of the session policy, ${POLICY_CHARACTERS} characters of JSON at most: { actions, resources, purposes?, when? }`,
    ),
  tags: z
    .record(
      z
        .string()
        .min(1)
        .max(128)
        .regex(TAG)
        .regex(/^(?!\s*(?:aws:|lockstep))/i)
        .describe('the key of a tag; none that begins with aws: or lockstep'),
      z.string().max(256).regex(TAG).describe('at most 256 of the characters that STS takes in a tag'),
    )
    .refine((tags) => {
      // To STS they are one key, whatever their case.
      const keys = Object.keys(tags).map((key) => key.toLowerCase());
      return keys.length <= 20 && new Set(keys).size === keys.length;
    })
    .optional()
    .describe('at most 20 more session tags, whose keys differ in more than case'),
});
/** What the leaser needs of something that is leased as a session of a role. */
export type AwsSessionTarget = z.infer<typeof AwsSessionTarget>;

type Allowed = z.infer<typeof Statement>;

/** Conditions narrow: what is allowed without, is allowed with any; two conditions are the same, or nothing is said of them. */
const givesUnder = ({ when }: Allowed, other: Allowed): boolean =>
  when === undefined || JSON.stringify(when) === JSON.stringify(other.when);

const giveAll = (statements: readonly Allowed[], other: Allowed): boolean =>
  other.actions.every((action) =>
    other.resources.every((resource) =>
      statements.some(
        (each) =>
          givesUnder(each, other) &&
          each.actions.some((wide) => fitsWithin(wide.toLowerCase(), action.toLowerCase())) &&
          each.resources.some((wide) => fitsWithin(wide, resource)),
      ),
    ),
  );

/** A session of an IAM role. It is assumed by the lease function's own role: no authority is stored. */
export const awsSessionKind = {
  name: 'aws-session',
  capabilities: awsSessionCapabilities,
  target: AwsSessionTarget,
  environmentBound: ['role', 'region', 'externalId', 'allow'],
  accounts: ({ target }) => [AwsSessionTarget.parse(target).role],
  /** Of one role, each narrowed by its statements. What the role itself may do, IAM alone knows. */
  includes(one, other) {
    const mine = AwsSessionTarget.parse(one.leasable.target);
    const theirs = AwsSessionTarget.parse(other.leasable.target);
    return mine.role === theirs.role && theirs.allow.every((each) => giveAll(mine.allow, each));
  },
  places({ target }) {
    const { role, region } = AwsSessionTarget.parse(target);
    // Without a region it is the one that the function runs in.
    if (region === undefined) return [];
    return [{ host: `sts.${region}.amazonaws.com${role.startsWith('arn:aws-cn:') ? '.cn' : ''}`, port: 443 }];
  },
} as const satisfies LeaserKind<z.ZodObject>;
