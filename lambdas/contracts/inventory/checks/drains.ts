import { titleOf, type Check } from '../draft.ts';
import { inWords } from '../duration.ts';
import { problemAt } from '../problem.ts';

/** The drain is never shorter than the slowest cache: until then somebody may serve the predecessor in good faith. */
export const checkDrains: Check = ({ credentials }) =>
  credentials.flatMap(({ at, retire, dependents }) => {
    const caches = dependents.map(({ cacheTtlSeconds }) => cacheTtlSeconds ?? 0);
    const slowest = Math.max(0, ...caches);
    if (retire.drainSeconds === undefined || retire.drainSeconds >= slowest) return [];
    const position = caches.indexOf(slowest);
    const dependent = dependents[position];
    const who = dependent ? titleOf(dependent, position) : 'a dependent';
    return [
      problemAt([...at, 'retire', 'afterAdoption'], {
        found: `a drain of ${inWords(retire.drainSeconds)}, and ${who} may serve a value for ${inWords(slowest)}`,
        allowed: `a drain of at least ${inWords(slowest)}`,
        mend: `set retire.afterAdoption to at least ${inWords(slowest)}, or shorten the cacheTtl of ${who}`,
      }),
    ];
  });
