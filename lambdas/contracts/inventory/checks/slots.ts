import type { Check } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt } from '../problem.ts';

/** The owner role is no slot: it owns what both make, and never logs in. */
export const checkSlots: Check = ({ credentials }) =>
  credentials.flatMap(({ at, target: { slots, ownerRole } }) => {
    const position = Array.isArray(slots) ? slots.indexOf(ownerRole) : -1;
    if (position < 0 || typeof ownerRole !== 'string') return [];
    return [
      problemAt([...at, 'slots', position], {
        found: `the slot ${quoted(ownerRole)}, which is also the owner role`,
        allowed: 'a login role that belongs to the owner role and is not that role',
        mend: 'give the slots and the owner three different roles',
      }),
    ];
  });
