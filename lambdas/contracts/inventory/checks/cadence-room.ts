import type { Check } from '../draft.ts';
import { inWords } from '../duration.ts';
import { problemAt } from '../problem.ts';

/**
 * A rotation is over before the next one is due, even one that waits until its deadline. Otherwise the
 * next one would be refused because the predecessor is still in use, and the cadence would not be held.
 */
export const checkCadenceRoom: Check = ({ credentials }) =>
  credentials.flatMap(({ at, rotateEverySeconds, retire, dependents }) => {
    const { drainSeconds, soakSeconds, deadlineSeconds } = retire;
    if (rotateEverySeconds === undefined) return [];
    if (drainSeconds === undefined || soakSeconds === undefined || deadlineSeconds === undefined) return [];
    const cache = Math.max(0, ...dependents.map(({ cacheTtlSeconds }) => cacheTtlSeconds ?? 0));
    const needed = cache + drainSeconds + soakSeconds + deadlineSeconds;
    if (rotateEverySeconds > needed) return [];
    const parts = [
      `slowest cache ${inWords(cache)}`,
      `drain ${inWords(drainSeconds)}`,
      `soak ${inWords(soakSeconds)}`,
      `deadline ${inWords(deadlineSeconds)}`,
    ];
    return [
      problemAt([...at, 'rotateEvery'], {
        found: `a rotation every ${inWords(rotateEverySeconds)}, while one may take ${inWords(needed)} (${parts.join(' + ')})`,
        allowed: `a cadence of more than ${inWords(needed)}`,
        mend: 'rotate less often, or shorten the deadline, the drain or the soak in retire',
      }),
    ];
  });
