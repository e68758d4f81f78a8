import type { Check, Draft } from '../../draft.ts';
import { describeFound } from '../../found.ts';
import { reachOf } from '../../network-names.ts';
import { problemAt, type Problem } from '../../problem.ts';
import type { DraftEgress } from '../draft-access.ts';

/** A leased value goes to places that are named, and never to a metadata service. */
export const checkEgress: Check = (draft) =>
  draft.access.leases.flatMap(({ egress }) =>
    egress.flatMap((rule, position) => [...place(draft, rule), ...twins(rule, egress.slice(0, position))]),
  );

function place({ isLocal }: Draft, { at, host, network }: DraftEgress): readonly Problem[] {
  if (host === undefined) return [];
  const reach = reachOf(host);
  const isAllowed = isLocal
    ? reach === 'loopback'
    : reach === 'public' || (reach === 'private' && network === 'private');
  if (isAllowed) return [];
  return [
    problemAt([...at, 'host'], {
      found: `the ${reach} host ${describeFound(host)}`,
      allowed: isLocal
        ? 'a host on this machine'
        : "a public host, or one of your own network with network: 'private'",
      mend: 'name the host that the value is for',
    }),
  ];
}

function twins({ at, host, port }: DraftEgress, before: readonly DraftEgress[]): readonly Problem[] {
  const twin = before.findIndex((other) => host !== undefined && other.host === host && other.port === port);
  // In the embedded world several hosts may be one place; which rule fits is then told by the path.
  if (twin < 0 || before[twin]?.network === 'loopback') return [];
  return [
    problemAt([...at, 'host'], {
      found: `the host and port of item ${twin + 1}`,
      allowed: 'each place once, with all its paths and methods',
      mend: 'put the paths and methods of both into one item',
    }),
  ];
}
