import * as z from 'zod';
import type { RotatorKind } from '../../core/kind.ts';
import { placeOfUrl } from '../../core/network-place.ts';
import { openaiAuthorityCapabilities, openaiCapabilities } from './capabilities.ts';

/** Where the API of OpenAI, or of something that is like it, is. */
export const ApiUrl = z
  .url({ protocol: /^https?$/ })
  .refine((text) => {
    // Runs also where the check before it has failed.
    if (!URL.canParse(text)) return false;
    const { username, password, search, hash } = new URL(text);
    return [username, password, search, hash].every((part) => part === '') && !text.endsWith('/');
  })
  .describe('the base of the API: an https URL without login, query, fragment or final slash');

const OpenaiTarget = z.strictObject({
  apiUrl: ApiUrl,
  project: z
    .string()
    .regex(/^proj_[A-Za-z0-9_-]{1,59}$/)
    .describe('the id of the project that the keys belong to: proj_…'),
});
/** What the rotator needs of an `openai` credential. */
export type OpenaiTarget = z.infer<typeof OpenaiTarget>;

const OpenaiAuthorityTarget = z.strictObject({ apiUrl: ApiUrl.default('https://api.openai.com/v1') });
/** What the rotator needs of an `openai-authority`. */
export type OpenaiAuthorityTarget = z.infer<typeof OpenaiAuthorityTarget>;

/** A model provider's key of one project. */
export const openaiKind = {
  name: 'openai',
  family: 'openai',
  strategy: 'mint-and-retire',
  authorityKind: 'openai-authority',
  isAuthority: false,
  capabilities: openaiCapabilities,
  // Twice the time that a new key may take to work.
  minimumCadenceSeconds: 60,
  target: OpenaiTarget,
  environmentBound: ['project'],
  fromAuthority: ['apiUrl'],
  /** Keys are named after their credential, so several credentials may share a project. */
  accounts({ name, target }) {
    const { apiUrl, project } = OpenaiTarget.parse(target);
    return [`${apiUrl.toLowerCase()}/organization/projects/${project}/${name}`];
  },
  places: ({ target }) => [placeOfUrl(OpenaiTarget.parse(target).apiUrl)],
} as const satisfies RotatorKind<z.ZodObject>;

/** The admin key of an organization; it mints its own successor. */
export const openaiAuthorityKind = {
  name: 'openai-authority',
  family: 'openai',
  strategy: 'mint-and-retire',
  isAuthority: true,
  capabilities: openaiAuthorityCapabilities,
  minimumCadenceSeconds: 60,
  target: OpenaiAuthorityTarget,
  environmentBound: ['apiUrl'],
  fromAuthority: [],
  /** Which organization it belongs to is in the key alone: nothing that is declared can tell two apart. */
  accounts: () => [],
  places: ({ target }) => [placeOfUrl(OpenaiAuthorityTarget.parse(target).apiUrl)],
} as const satisfies RotatorKind<z.ZodObject>;
