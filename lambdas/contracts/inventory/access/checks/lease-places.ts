import type { NetworkPlace } from '../../../../core/kind.ts';
import type { Check, Draft } from '../../draft.ts';
import { describeFound } from '../../found.ts';
import { reachOf, urlOf } from '../../network-names.ts';
import { problemAt, type FieldPaths, type Path, type Problem } from '../../problem.ts';
import { wholeLease } from '../whole-access.ts';
import { authorityOf } from './lease-accounts.ts';

/** Lease functions reach targets where they should be: no loopback on AWS and no plain http, nothing but loopback in `local`. */
export const checkLeasePlaces: Check = (draft) => [
  ...draft.access.leases.flatMap((lease) => {
    const whole = wholeLease(lease);
    const places = whole ? (lease.kind?.places(whole, authorityOf(draft.access, whole)) ?? []) : [];
    return places.flatMap((place) => reach(draft, lease.at, place));
  }),
  ...[...draft.access.leases, ...draft.access.leaseAuthorities].flatMap(({ target, targetPaths }) =>
    plainHttp(draft, target, targetPaths),
  ),
];

function reach({ isLocal }: Draft, at: Path, { host }: NetworkPlace): readonly Problem[] {
  const found = reachOf(host);
  const isAllowed = isLocal ? found === 'loopback' : found !== 'loopback' && found !== 'link-local';
  if (isAllowed) return [];
  return [
    problemAt(at, {
      found: `a target at the ${found} host ${describeFound(host)}`,
      allowed: isLocal
        ? 'loopback alone: the embedded world reaches nothing outside its machine'
        : 'a host that a function on AWS can reach: no loopback and no link-local address',
      mend: isLocal
        ? 'have the embedded world serve this name, or keep the entry out of this workspace'
        : 'name the real host; for one machine there is the environment local',
    }),
  ];
}

const plainHttp = (
  { isLocal }: Draft,
  target: Readonly<Record<string, unknown>>,
  paths: FieldPaths,
): readonly Problem[] =>
  isLocal
    ? []
    : Object.entries(target).flatMap(([field, value]) => {
        const path = paths[field];
        if (!path || typeof value !== 'string' || urlOf(value)?.protocol !== 'http:') return [];
        return [
          problemAt(path, {
            found: 'plain http',
            allowed: 'https; http is for loopback in local alone',
            mend: 'write https',
          }),
        ];
      });
