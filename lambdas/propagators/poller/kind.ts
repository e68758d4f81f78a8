import * as z from 'zod';
import type { PropagatorKind } from '../../core/kind.ts';

const PollerSettings = z.strictObject({
  acknowledges: z
    .boolean()
    .default(true)
    .describe('whether it acknowledges; if not, evidence at the target must suffice'),
});
/** What is declared of a `poller`. */
export type PollerSettings = z.infer<typeof PollerSettings>;

/** A dependent that nobody tells: it reads again every cacheTtl, and asks what is expected of it. */
export const pollerKind = {
  name: 'poller',
  isTold: false,
  settings: PollerSettings,
  environmentBound: [],
  places: () => [],
} as const satisfies PropagatorKind<z.ZodObject>;
