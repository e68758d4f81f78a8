import type { Check, Draft } from '../draft.ts';
import { LOCAL } from '../local-world.ts';
import { canonicalHost, reachOf, urlOf } from '../network-names.ts';
import { problemAt, type FieldPaths, type Path, type Problem } from '../problem.ts';
import { describeFound } from '../found.ts';

/**
 * Everything Lockstep connects to is where it should be: outside `local` no loopback and no metadata
 * address, no private address of a dependent unless it is allowed by name, and no plain http; in `local`
 * nothing but loopback.
 */
export const checkAddresses: Check = (draft) =>
  placesOf(draft).flatMap((place) => (draft.isLocal ? inLocal(place) : onAws(place)));

interface Place {
  readonly at: Path;
  readonly host: string;
  readonly isPlain: boolean;
  /** A dependent, which we tell what changed: whoever can name its URL could make us call inside the network. */
  readonly isDependent: boolean;
  readonly allowHosts: readonly string[];
}

function placesOf({ credentials }: Draft): readonly Place[] {
  return credentials.flatMap(({ target, targetPaths, kind, dependents }) => [
    ...found(target, targetPaths, kind?.environmentBound ?? [], false),
    ...dependents.flatMap(({ settings, settingsPaths, kind: told }) =>
      found(settings, settingsPaths, told?.environmentBound ?? [], true),
    ),
  ]);
}

/** Fields that name a place: a URL, or an object with a host. */
function found(
  values: Readonly<Record<string, unknown>>,
  paths: FieldPaths,
  bound: readonly string[],
  isDependent: boolean,
): readonly Place[] {
  const allowHosts = Array.isArray(values['allowHosts']) ? (values['allowHosts'] as readonly string[]) : [];
  return bound.flatMap((field) => {
    const place = placeIn(values[field]);
    const at = paths[field];
    return place && at ? [{ ...place, at, isDependent, allowHosts }] : [];
  });
}

function placeIn(value: unknown): { readonly host: string; readonly isPlain: boolean } | undefined {
  if (typeof value === 'string') {
    const url = urlOf(value);
    return url && { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), isPlain: url.protocol === 'http:' };
  }
  if (typeof value !== 'object' || value === null || !('host' in value)) return undefined;
  return typeof value.host === 'string' ? { host: value.host, isPlain: false } : undefined;
}

function inLocal({ at, host }: Place): readonly Problem[] {
  if (reachOf(host) === 'loopback') return [];
  return [
    problemAt(at, {
      found: `the host ${describeFound(host)}, in the environment ${LOCAL}`,
      allowed: 'loopback alone: the embedded world reaches nothing outside its machine',
      mend: 'have the embedded world serve this name on 127.0.0.1',
    }),
  ];
}

function onAws(place: Place): readonly Problem[] {
  const { at, host, isPlain, isDependent } = place;
  const reach = reachOf(host);
  const isAllowed = place.allowHosts.some((allowed) => canonicalHost(allowed) === canonicalHost(host));
  const isRefused =
    reach === 'loopback' || reach === 'link-local' || (reach === 'private' && isDependent && !isAllowed);
  return [
    ...(isRefused
      ? [
          problemAt(at, {
            found: `the ${reach} host ${describeFound(host)}`,
            allowed: isDependent
              ? 'a public host, or a private one that allowHosts names'
              : `a host that a function on AWS can reach: no loopback and no link-local address`,
            mend:
              reach === 'private'
                ? `add ${host} to allowHosts, if it is meant`
                : 'name the real host; for one machine there is the environment local',
          }),
        ]
      : []),
    ...(isPlain
      ? [
          problemAt(at, {
            found: `plain http to ${describeFound(host)}`,
            allowed: `https; http is for loopback in ${LOCAL} alone`,
            mend: 'write https',
          }),
        ]
      : []),
  ];
}
