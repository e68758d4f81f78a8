/** Conditions, all of which have to hold, in one text; shortened by the namespace that everything of ours is in. */
export const conditionText = (needs: readonly string[]): string =>
  needs
    .map((need) => (need.includes(' || ') && needs.length > 1 ? `(${need})` : need))
    .join(' && ')
    .replaceAll('Lockstep::', '');
