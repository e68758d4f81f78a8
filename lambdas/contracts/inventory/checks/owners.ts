import type { Check } from '../draft.ts';
import { quoted } from '../found.ts';
import { listed, meant } from '../nearest.ts';
import { problemAt } from '../problem.ts';

/** Every credential belongs to a declared owner: somebody has to be asked before it changes. */
export const checkOwners: Check = ({ credentials, names }) =>
  credentials.flatMap(({ at, owner }) =>
    owner === undefined || names.owners.has(owner)
      ? []
      : [
          problemAt([...at, 'owner'], {
            found: `the owner ${quoted(owner)}, who is not declared`,
            allowed: listed(names.owners),
            mend: meant(owner, names.owners, `declare the owner in owners`),
          }),
        ],
  );
