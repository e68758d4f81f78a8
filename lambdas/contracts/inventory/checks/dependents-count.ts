import type { Check } from '../draft.ts';
import { problemAt } from '../problem.ts';

/**
 * Most dependents of one credential. What is expected of all of them is told in one commit of the ledger
 * (`MAX_COMMIT_ITEMS`: 100 writes and events), with room for the rows around them.
 */
const MOST_DEPENDENTS = 50;

/** No credential has more dependents than one commit of the ledger can take. */
export const checkDependentsCount: Check = ({ credentials }) =>
  credentials.flatMap(({ at, dependents }) =>
    dependents.length <= MOST_DEPENDENTS
      ? []
      : [
          problemAt([...at, 'dependents'], {
            found: `${dependents.length} dependents`,
            allowed: `at most ${MOST_DEPENDENTS}`,
            mend: 'give part of them a credential of their own: a value that so many share is hard to retire',
          }),
        ],
  );
