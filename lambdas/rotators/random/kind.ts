import * as z from 'zod';
import type { RotatorKind } from '../../core/kind.ts';
import { randomCapabilities } from './capabilities.ts';

const RandomTarget = z.strictObject({
  bytes: z
    .int()
    .min(24)
    .max(64)
    .default(32)
    .describe('how many random bytes: 24 to 64, as Standard Webhooks asks of a signing secret'),
});
/** What the rotator needs of a `random` credential. */
export type RandomTarget = z.infer<typeof RandomTarget>;

/** A signing secret of Standard Webhooks: random bytes, two of them valid while it rotates. */
export const randomKind = {
  name: 'random',
  family: 'random',
  strategy: 'dual-value',
  isAuthority: false,
  capabilities: randomCapabilities,
  minimumCadenceSeconds: 10,
  target: RandomTarget,
  environmentBound: [],
  fromAuthority: [],
  accounts: () => [],
  places: () => [],
} as const satisfies RotatorKind<z.ZodObject>;
