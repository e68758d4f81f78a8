import type { Check, DraftCredential } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt } from '../problem.ts';

/** Following authorities ends: what may change a credential is not, in the end, that credential. One problem for each circle. */
export const checkAuthorityCycles: Check = ({ credentials }) => {
  const byName = new Map(credentials.map((credential) => [credential.name, credential]));
  return credentials.flatMap((start) => {
    const circle = circleFrom(start, byName);
    // Each member finds the same circle; the first by name speaks for all.
    if (!circle || circle.some(({ name }) => name < start.name)) return [];
    const names = [...circle, start].map(({ name }) => quoted(name));
    return [
      problemAt([...start.at, 'authority'], {
        found: `authorities in a circle: ${names.join(' ← ')}`,
        allowed: 'authorities that end in one that changes itself',
        mend: 'give one of them another authority',
      }),
    ];
  });
};

/** The circle that starts and ends at a credential, if it is part of one. */
function circleFrom(
  start: DraftCredential,
  byName: ReadonlyMap<string, DraftCredential>,
): readonly DraftCredential[] | undefined {
  const circle = [start];
  let next = byName.get(start.authority ?? '');
  while (next && !circle.includes(next)) {
    circle.push(next);
    next = byName.get(next.authority ?? '');
  }
  return next === start ? circle : undefined;
}
