import type { Check } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt } from '../problem.ts';

/** Dependents of one credential have different names: an acknowledgement is counted by name. */
export const checkDependentNames: Check = ({ credentials }) =>
  credentials.flatMap(({ dependents }) =>
    dependents.flatMap(({ at, name }, position) => {
      const first = dependents.findIndex((other) => other.name === name);
      if (name === undefined || first === position) return [];
      return [
        problemAt([...at, 'name'], {
          found: `a second dependent with the name ${quoted(name)}`,
          allowed: 'a name that no other dependent of this credential has',
          mend: 'rename one of the two, or remove it',
        }),
      ];
    }),
  );
