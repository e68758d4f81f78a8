import { fits } from '../../rights/patterns.ts';
import type { Grant } from './grants.ts';
import type { ReasonedGrants } from './unused-with-reason.ts';

/** Unused grants without a reason, and reasons without an unused grant. */
export interface Reasoned {
  readonly left: readonly Grant[];
  readonly groundless: readonly string[];
}

/** Takes away what has its reason. `granted`: everything that the roles give, used or not. */
export const applyReasons = (
  granted: readonly Grant[],
  unused: readonly Grant[],
  reasons: readonly ReasonedGrants[],
): Reasoned => ({
  left: unused.filter((grant) => !reasons.some((reason) => covers(reason, grant))),
  groundless: reasons
    .filter((reason) => !(reason.inSomeRuns ? granted : unused).some((grant) => covers(reason, grant)))
    .map(
      ({ role, part, because, inSomeRuns }) =>
        `${inSomeRuns ? 'nothing is granted' : 'everything is used'} of ${role} ${part}, which has the reason “${because}”`,
    ),
});

const covers = (reason: ReasonedGrants, { role, part }: Grant): boolean =>
  fits(reason.role, role) && fits(reason.part, part);
