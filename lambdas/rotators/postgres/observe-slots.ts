import type { Dependent } from '../../core/credential.ts';
import type { Observation, RotatorRequest, Usage } from '../../core/ports/rotator.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';
import { instant, type Instant } from '../../core/time.ts';
import { asAuthority, slotChange } from './change-slot.ts';
import type { PostgresPorts } from '../../postgres/ports.ts';

/** Sessions that look alike. */
interface SessionGroup {
  readonly role: string;
  readonly applicationName: string;
  /** `null` for a session over a Unix socket. */
  readonly address: string | null;
  readonly sessions: number;
}

interface Seen {
  readonly seesSessions: boolean;
  readonly groups: readonly SessionGroup[];
}

/** Who uses which slot at this moment: one connection of the authority's, one statement. */
export async function observeSlots(
  ports: PostgresPorts,
  request: RotatorRequest,
  versions: { readonly successor: VersionRef; readonly predecessor: VersionRef },
  dependents: readonly Dependent[],
): Promise<Observation> {
  const { successor, predecessor } = versions;
  const change = slotChange(ports, request, successor);
  slotChange(ports, request, predecessor);
  const seen = await asAuthority(ports, change, 'observe', (session) =>
    session.query<Seen>(
      'the look at sessions',
      `SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS "seesSessions",
              coalesce((SELECT json_agg(s) FROM (
                SELECT usename AS "role", application_name AS "applicationName",
                       host(client_addr) AS "address", count(*)::int AS "sessions"
                  FROM pg_stat_activity WHERE usename = ANY($1::text[]) GROUP BY 1, 2, 3) s), '[]') AS "groups"`,
      [[successor.key, predecessor.key]],
    ),
  );
  const at = instant(ports.clock());
  const [row] = seen;
  return row?.seesSessions ? observation(at, versions, row.groups, dependents) : unknownUse(at);
}

/** Without the right to see other roles' sessions an empty list means nothing. */
export const unknownUse = (at: Instant): Observation => ({
  at,
  successor: { sessions: 'unknown' },
  predecessor: { sessions: 'unknown' },
  byDependent: {},
  strangersOnPredecessor: 0,
});

/** Attributes sessions to dependents by what each has declared. */
function observation(
  at: Instant,
  { successor, predecessor }: { readonly successor: VersionRef; readonly predecessor: VersionRef },
  groups: readonly SessionGroup[],
  dependents: readonly Dependent[],
): Observation {
  const on = ({ key }: VersionRef): readonly SessionGroup[] => groups.filter(({ role }) => role === key);
  const [fresh, stale] = [on(successor), on(predecessor)];
  const declared = dependents.filter(({ evidence }) => evidence !== undefined);
  const byDependent = declared.map((dependent) => {
    const isIts = (group: SessionGroup): boolean => matches(dependent, group);
    return [
      dependent.name,
      { onSuccessor: sum(fresh.filter(isIts)), onPredecessor: sum(stale.filter(isIts)) },
    ] as const;
  });
  const strangers = stale.filter((group) => !declared.some((dependent) => matches(dependent, group)));
  return {
    at,
    successor: usage(fresh),
    predecessor: usage(stale),
    byDependent: Object.fromEntries(byDependent),
    strangersOnPredecessor: sum(strangers),
  };
}

function matches({ evidence }: Dependent, { applicationName, address }: SessionGroup): boolean {
  if (!evidence || applicationName !== evidence.applicationName) return false;
  return evidence.clientAddress === undefined || evidence.clientAddress === address;
}

const sum = (groups: readonly SessionGroup[]): number =>
  groups.reduce((total, { sessions }) => total + sessions, 0);

const usage = (groups: readonly SessionGroup[]): Usage => ({ sessions: sum(groups) });
