import { inWords } from '../../duration.ts';
import type { Check, Draft } from '../../draft.ts';
import { quoted } from '../../found.ts';
import { reachOf, urlOf } from '../../network-names.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftIssuer } from '../draft-access.ts';

/** A clock that is further off is no clock. */
const MOST_SKEW_SECONDS = 120;
/** A token that is good for longer is a standing key. */
const LONGEST_TOKEN_SECONDS = 86_400;

/**
 * Tokens are believed from places that nobody else can stand in for, for no longer than a day, and in one environment.
 */
export const checkIssuers: Check = (draft, others) => {
  // The embedded world has issuers of its own.
  const elsewhere = draft.isLocal ? [] : others;
  return draft.access.issuers.flatMap((issuer) => [
    ...places(draft, issuer),
    ...times(issuer),
    ...twins(draft, issuer),
    ...crossings(draft, issuer, elsewhere),
  ]);
};

function places({ isLocal }: Draft, { read, paths, at }: DraftIssuer): readonly Problem[] {
  const found = (['issuer', 'jwksUrl'] as const).flatMap((field) => {
    const url = urlOf(read[field] ?? '');
    return url ? [{ url, path: paths[field] ?? [...at, field] }] : [];
  });
  return found.flatMap(({ url, path }) => {
    const reach = reachOf(url.hostname.replace(/^\[(.*)\]$/, '$1'));
    if (isLocal ? reach === 'loopback' : reach === 'public' && url.protocol === 'https:') return [];
    return [
      problemAt(path, {
        found: `${url.protocol === 'http:' ? 'plain http to ' : ''}a ${reach} host`,
        allowed: isLocal
          ? 'loopback alone'
          : 'https to a public host: keys that anybody could put there prove nothing',
        mend: isLocal
          ? 'have the embedded world sign tokens on 127.0.0.1'
          : 'name the issuer by its public https URL',
      }),
    ];
  });
}

const times = ({ at, read }: DraftIssuer): readonly Problem[] => [
  ...tooLong(at, 'clockSkew', read.clockSkewSeconds, MOST_SKEW_SECONDS),
  ...tooLong(at, 'longestToken', read.longestTokenSeconds, LONGEST_TOKEN_SECONDS),
];

const tooLong = (
  at: DraftIssuer['at'],
  field: string,
  found: number | undefined,
  most: number,
): readonly Problem[] =>
  found === undefined || found <= most
    ? []
    : [
        problemAt([...at, field], {
          found: inWords(found),
          allowed: `at most ${inWords(most)}`,
          mend: 'shorten it',
        }),
      ];

/** By `iss` and `aud` a token finds its issuer: two that have both alike could not be told apart. */
function twins({ access }: Draft, { name, at, read }: DraftIssuer): readonly Problem[] {
  const twin = access.issuers.find((other) => other.name < name && takesTheSame(other.read, read));
  if (!twin) return [];
  return [
    problemAt(at, {
      found: `the issuer and the audience of ${quoted(twin.name)}`,
      allowed: 'another audience for each: a token finds its issuer by both',
      mend: 'have the tokens made for another audience, or make them one issuer',
    }),
  ];
}

const takesTheSame = (one: DraftIssuer['read'], other: DraftIssuer['read']): boolean =>
  one.issuer !== undefined && one.issuer === other.issuer && one.audience === other.audience;

/**
 * Each environment remembers for itself which tokens have been used. One that two of them take would be good once in each:
 * whoever sees it at staging could show it at production.
 */
const crossings = (
  { environment }: Draft,
  { read, paths, at }: DraftIssuer,
  others: readonly Draft[],
): readonly Problem[] =>
  others
    .filter(({ access }) => access.issuers.some((other) => takesTheSame(other.read, read)))
    .map((other) =>
      problemAt(paths['audience'] ?? [...at, 'audience'], {
        found: `one audience of one issuer in ${[environment, other.environment].sort().join(' and ')}`,
        allowed:
          'another audience in each environment: a token that was used in one would be good in the other',
        mend: `write { ${environment}: 'lockstep-${environment}', … }, and have the tokens made for it`,
      }),
    );
