import type { Check } from '../draft.ts';
import { problemAt } from '../problem.ts';

/** A freeze ends after it has begun. */
export const checkFreezes: Check = ({ environment, freezes }) =>
  freezes.flatMap(({ from, until }, position) =>
    Date.parse(from) < Date.parse(until)
      ? []
      : [
          problemAt(['environments', environment, 'freezes', position], {
            found: `a freeze from ${from} until ${until}`,
            allowed: 'a freeze that ends after it has begun',
            mend: 'swap or correct from and until',
          }),
        ],
  );
