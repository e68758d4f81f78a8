import * as z from 'zod';
import { hasAll } from '../../contracts/targets/rights.ts';
import type { LeaserKind, LeasableWithAuthority } from '../../core/kind.ts';
import { placeOfUrl } from '../../core/network-place.ts';
import { ApiUrl } from '../../rotators/openai/kind.ts';
import { openaiLeaseCapabilities } from './capabilities.ts';

const OpenaiLeaseTarget = z.strictObject({
  project: z
    .string()
    .regex(/^proj_[A-Za-z0-9_-]{1,59}$/)
    .describe('the id of the project that the keys belong to: proj_…'),
  scopes: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9_.]{1,63}$/)
        .describe('a scope as the provider calls it, such as api.model.request'),
    )
    .min(1)
    .max(50)
    .optional()
    .describe('what a key may do, where it may not do all that its project may'),
});
/** What the leaser needs of something that is leased as a key of OpenAI. */
export type OpenaiLeaseTarget = z.infer<typeof OpenaiLeaseTarget>;

const OpenaiLeaseAuthorityTarget = z.strictObject({ apiUrl: ApiUrl.default('https://api.openai.com/v1') });
/** What the leaser needs of the admin key that makes leases. */
export type OpenaiLeaseAuthorityTarget = z.infer<typeof OpenaiLeaseAuthorityTarget>;

const projectOf = ({ leasable, authority }: LeasableWithAuthority): readonly string[] =>
  authority
    ? [
        `${OpenaiLeaseAuthorityTarget.parse(authority.target).apiUrl}/${OpenaiLeaseTarget.parse(leasable.target).project}`,
      ]
    : [];

/** A key of a project at OpenAI that expires. */
export const openaiLeaseKind = {
  name: 'openai',
  capabilities: openaiLeaseCapabilities,
  target: OpenaiLeaseTarget,
  environmentBound: ['project'],
  authority: {
    target: OpenaiLeaseAuthorityTarget,
    environmentBound: ['apiUrl'],
    /** Which admin key it is, the key alone says: nothing that is declared can tell two apart. */
    accounts: () => [],
  },
  /** Every lease has a service account of its own, which nothing else uses. */
  accounts: () => [],
  /** Without scopes a key may do all that its project may. What a scope holds, the provider alone knows. */
  includes(one, other) {
    const { scopes } = OpenaiLeaseTarget.parse(one.leasable.target);
    const { scopes: wanted = [] } = OpenaiLeaseTarget.parse(other.leasable.target);
    return hasAll(projectOf(one), projectOf(other)) && (scopes === undefined || hasAll(scopes, wanted));
  },
  places: (_leasable, authority) =>
    authority ? [placeOfUrl(OpenaiLeaseAuthorityTarget.parse(authority.target).apiUrl)] : [],
} as const satisfies LeaserKind<z.ZodObject>;
