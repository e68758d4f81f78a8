import { fits } from '../../rights/patterns.ts';
import type { Grant } from './grants.ts';
import type { ReasonedGrants } from './unused-with-reason.ts';

/** Unused grants without a reason, and reasons without an unused grant. */
export interface Reasoned {
  readonly left: readonly Grant[];
  readonly groundless: readonly string[];
}

/** Takes away what has its reason. */
export const applyReasons = (unused: readonly Grant[], reasons: readonly ReasonedGrants[]): Reasoned => ({
  left: unused.filter((grant) => !reasons.some((reason) => covers(reason, grant))),
  groundless: reasons
    .filter((reason) => !unused.some((grant) => covers(reason, grant)))
    .map(
      ({ role, part, because }) => `everything is used of ${role} ${part}, which has the reason “${because}”`,
    ),
});

const covers = (reason: ReasonedGrants, { role, part }: Grant): boolean =>
  fits(reason.role, role) && fits(reason.part, part);
