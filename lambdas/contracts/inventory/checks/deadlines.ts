import { titleOf, type Check, type DraftDependent } from '../draft.ts';
import { inWords } from '../duration.ts';
import { problemAt } from '../problem.ts';

/** A dependent that does all it should can be in time: otherwise every rotation would end in its deadline policy. */
export const checkDeadlines: Check = ({ credentials }) =>
  credentials.flatMap((credential) =>
    credential.dependents.flatMap((dependent, position) => {
      const { deadlineSeconds } = credential.retire;
      const needed = neededSeconds(dependent);
      if (deadlineSeconds === undefined || needed === undefined || deadlineSeconds > needed.seconds)
        return [];
      return [
        problemAt([...credential.at, 'retire', 'deadline'], {
          found: `a deadline of ${inWords(deadlineSeconds)}, and ${titleOf(dependent, position)} may need ${inWords(needed.seconds)} (${needed.because})`,
          allowed: `a deadline of more than ${inWords(needed.seconds)}`,
          mend: `lengthen retire.deadline, or shorten the ${needed.shorten} of ${titleOf(dependent, position)}`,
        }),
      ];
    }),
  );

/** How long adoption may take when nothing goes wrong; `undefined` where it depends on nobody's cache. */
function neededSeconds(dependent: DraftDependent) {
  const { cacheTtlSeconds: cache, evidence } = dependent;
  if (cache === undefined) return undefined;
  const lifetime = evidence?.poolLifetimeSeconds;
  if (evidence?.suffices && dependent.settings['acknowledges'] === false && lifetime !== undefined)
    // The last old session may open just before the cache runs out, and lives one pool lifetime; then the
    // sessions must be clean for another one.
    return {
      seconds: cache + 2 * lifetime,
      because: `its cache of ${inWords(cache)}, then twice its pool lifetime of ${inWords(lifetime)}`,
      shorten: 'cacheTtl or poolLifetime',
    };
  if (dependent.kind?.isTold !== false) return undefined;
  return {
    seconds: cache,
    because: 'nobody tells it: it reads again when its cache runs out',
    shorten: 'cacheTtl',
  };
}
