import { LockstepError } from '../../lambdas/core/errors.ts';

/** Where each staging label of one secret lies. A label lies on one version at most. */
export type LabelMap = Readonly<Record<string, string>>;

/** Puts a label on a version, taking it off whichever had it. AWSPREVIOUS follows AWSCURRENT. */
export function attach(labels: LabelMap, label: string, version: string): LabelMap {
  const before = labels[label];
  const moved = { ...labels, [label]: version };
  const loser = label === 'AWSCURRENT' && before !== undefined && before !== version ? before : undefined;
  return loser === undefined ? moved : { ...moved, AWSPREVIOUS: loser };
}

/**
 * Moves AWSCURRENT, if it is where the caller says (UpdateSecretVersionStage with RemoveFromVersionId: a
 * compare-and-swap). AWSPENDING stays where it is: on the version that is now current, a legal end.
 */
export function moveCurrent(
  labels: LabelMap,
  move: { readonly to: string; readonly from: string },
  name: string,
): LabelMap {
  const holder = labels['AWSCURRENT'];
  if (holder !== move.from) {
    throw new LockstepError(
      'LABEL_CONFLICT',
      `AWSCURRENT of ${name} was expected on version ${move.from} and is on ${holder ?? 'no version'}; look again before deciding`,
    );
  }
  return attach(labels, 'AWSCURRENT', move.to);
}

/** Takes a label off a version; nothing happens where it is not there. */
export function detach(labels: LabelMap, label: string, version: string): LabelMap {
  if (labels[label] !== version) return labels;
  const { [label]: _gone, ...rest } = labels;
  return rest;
}

/** The labels of one version, in alphabetical order. */
export const labelsOn = (labels: LabelMap, version: string): readonly string[] =>
  Object.keys(labels)
    .filter((label) => labels[label] === version)
    .sort();

/** Labels by version, as DescribeSecret answers: a version without a label is deprecated and not in it. */
export function byVersion(labels: LabelMap): Readonly<Record<string, readonly string[]>> {
  const versions = [...new Set(Object.values(labels))].sort();
  return Object.fromEntries(versions.map((version) => [version, labelsOn(labels, version)]));
}

/**
 * The version whose AWSPENDING blocks a new rotation: pending anywhere but on the current version means
 * that an earlier rotation is not complete.
 */
export function pendingElsewhere(labels: LabelMap, token: string): string | undefined {
  const pending = labels['AWSPENDING'];
  return pending === undefined || pending === token || pending === labels['AWSCURRENT'] ? undefined : pending;
}
