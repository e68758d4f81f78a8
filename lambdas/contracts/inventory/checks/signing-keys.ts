import type { Check, Draft, DraftCredential, DraftDependent } from '../draft.ts';
import { quoted } from '../found.ts';
import { listed, meant } from '../nearest.ts';
import { problemAt, type Path, type Problem } from '../problem.ts';

/**
 * Each receiver has a signing key of its own: a `random` credential that its workload may read, and whose
 * one dependent it is, or nobody would tell it when that key changes.
 */
export const checkSigningKeys: Check = (draft) => {
  const uses = usesOf(draft).map((use) => ({ use, wrong: notAKey(draft, use, keyOf(draft, use)) }));
  const sound = uses.filter(({ wrong }) => wrong.length === 0).map(({ use }) => use);
  return uses.flatMap(({ use, wrong }) => {
    const key = keyOf(draft, use);
    if (wrong.length > 0 || !key) return wrong;
    return [...unreadable(use, key), ...usedByTwo(use, sound), ...untold(use, key), ...twoKeys(use, sound)];
  });
};

const keyOf = ({ credentials }: Draft, { key }: Use): DraftCredential | undefined =>
  credentials.find(({ name }) => name === key);

/** One dependent that is told with signed requests. */
interface Use {
  readonly at: Path;
  readonly key: string;
  readonly receiver: string | undefined;
  readonly url: unknown;
}

const usesOf = ({ credentials }: Draft): readonly Use[] =>
  credentials.flatMap(({ dependents }) =>
    dependents.flatMap(({ at, settings, workload }: DraftDependent) =>
      typeof settings['signingKey'] === 'string'
        ? [
            {
              at: [...at, 'signingKey'],
              key: settings['signingKey'],
              receiver: workload,
              url: settings['url'],
            },
          ]
        : [],
    ),
  );

function notAKey(
  { credentials, names }: Draft,
  { at, key }: Use,
  found: DraftCredential | undefined,
): readonly Problem[] {
  const keys = credentials.filter(({ kind }) => kind?.name === 'random').map(({ name }) => name);
  const allowed = `a credential of kind random: ${listed(keys)}`;
  if (!names.credentials.has(key))
    return [
      problemAt(at, {
        found: `the signing key ${quoted(key)}, which is not declared`,
        allowed,
        mend: meant(key, keys, 'declare it in credentials with random()'),
      }),
    ];
  if (found?.kind === undefined || found.kind.name === 'random') return [];
  return [
    problemAt(at, {
      found: `${quoted(key)}, a credential of kind ${found.kind.name}`,
      allowed,
      mend: 'name a random credential that only this receiver shares',
    }),
  ];
}

function unreadable({ at, key, receiver }: Use, { boundTo }: DraftCredential): readonly Problem[] {
  if (receiver === undefined || boundTo === undefined || boundTo.includes(receiver)) return [];
  return [
    problemAt(at, {
      found: `the signing key ${quoted(key)}, which the workload ${quoted(receiver)} may not read`,
      allowed: 'a signing key that the receiver can check signatures with',
      mend: `add ${quoted(receiver)} to boundTo of ${quoted(key)}`,
    }),
  ];
}

function usedByTwo({ at, key, receiver }: Use, uses: readonly Use[]): readonly Problem[] {
  const others = uses.filter((other) => other.key === key && other.receiver !== undefined);
  const first = others[0]?.receiver;
  if (receiver === undefined || first === undefined || receiver === first) return [];
  return [
    problemAt(at, {
      found: `the signing key ${quoted(key)}, which signs for ${quoted(first)} already`,
      allowed: 'one signing key for each receiver: whoever can check a signature can make one',
      mend: `declare another random credential for ${quoted(receiver)}`,
    }),
  ];
}

function untold({ at, key, receiver }: Use, { dependents }: DraftCredential): readonly Problem[] {
  if (receiver === undefined || dependents.some(({ workload }) => workload === receiver)) return [];
  return [
    problemAt(at, {
      found: `the signing key ${quoted(key)}, of which the receiver ${quoted(receiver)} is no dependent`,
      allowed: 'a signing key that waits for its receiver before the old one goes',
      mend: `add a dependent with the workload ${quoted(receiver)} to ${quoted(key)}`,
    }),
  ];
}

function twoKeys({ at, key, url }: Use, uses: readonly Use[]): readonly Problem[] {
  const first = uses.find((other) => url !== undefined && other.url === url);
  if (!first || first.key === key) return [];
  return [
    problemAt(at, {
      found: `the signing key ${quoted(key)}, while the same URL is told with ${quoted(first.key)} elsewhere`,
      allowed: 'one signing key for one URL: a receiver cannot know with which to check',
      mend: `name ${quoted(first.key)} here as well, or give the receiver a URL for each key`,
    }),
  ];
}
