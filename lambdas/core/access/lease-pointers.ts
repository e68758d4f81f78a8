import { create, type Family, type LedgerWrite } from '../ports/ledger.ts';
import type { Instant } from '../time.ts';
import type { Lease } from './lease.ts';

/** Families that hold pointers to leases. */
type PointerFamily = Extract<Family, 'lease-index' | 'lease-due'>;

/** Where one pointer lies. */
export interface PointerPlace {
  readonly family: PointerFamily;
  readonly partition: string;
  readonly id: string;
}

/** The row id of a lease's pointers, and of its place in a queue: the dangerous ones sort first. */
export const pointerId = ({ tier, id }: Pick<Lease, 'tier' | 'id'>): string => `${tier}-${id}`;

/**
 * Whose limits, turns, places and request ids something counts for: its holder, and the person that it acts for, together.
 * Of one name for all of them, whoever speaks through an agent could use up what the others behind it have.
 */
export const shareOf = ({ holder, actingFor }: Pick<Lease, 'holder' | 'actingFor'>): string =>
  actingFor === undefined ? holder : `${holder} for ${actingFor}`;

/** Shares that it counts in: its own, and beside it the total of the agent, for everybody that it acts for. */
export const sharesOf = (whose: Pick<Lease, 'holder' | 'actingFor'>): readonly string[] => [
  ...new Set([shareOf(whose), whose.holder]),
];

/** The partitions of `lease-index`. */
export const holderPartition = (callerKey: string): string => `holder:${callerKey}`;
export const actingForPartition = (callerKey: string): string => `acting-for:${callerKey}`;
/** The partition of `lease-quota` that counts the leases of a share. */
export const sharePartition = (share: string): string => `holder:${share}`;
/** The partition of `approval-index` for the places that the requests of a share take while they wait. */
export const placePartition = (share: string): string => `place:${share}`;
export const leasablePartition = (name: string): string => `leasable:${name}`;
export const targetPartition = (target: string): string => `target:${target}`;

/** The partition of `lease-ending` for what a target would not end when it was last asked. */
export const againPartition = (target: string): string => `again:${target}`;

const MINUTE_MS = 60_000;

/** The first full minute at or behind an instant: when it has come, everything in its partition is due. */
export const minuteOf = (at: Instant): string =>
  new Date(Math.ceil(Date.parse(at) / MINUTE_MS) * MINUTE_MS).toISOString().slice(0, 16);

/** Where a lease that is not over is found by holder, by leasable, and by whoever the holder acts for. */
export const indexPlaces = (
  lease: Pick<Lease, 'id' | 'tier' | 'holder' | 'leasable' | 'actingFor'>,
): readonly PointerPlace[] =>
  [
    holderPartition(lease.holder),
    leasablePartition(lease.leasable),
    ...(lease.actingFor === undefined ? [] : [actingForPartition(lease.actingFor)]),
  ].map((partition) => placeIn('lease-index', partition, lease));

/** Where the sweeper finds a lease when something has to be done about it. */
export const duePlace = (lease: Pick<Lease, 'id' | 'tier' | 'dueAt'>): PointerPlace =>
  placeIn('lease-due', minuteOf(lease.dueAt), lease);

const placeIn = (
  family: PointerFamily,
  partition: string,
  lease: Pick<Lease, 'id' | 'tier'>,
): PointerPlace => ({
  family,
  partition,
  id: pointerId(lease),
});

/** Makes a pointer. */
export const point = ({ family, partition, id }: PointerPlace, lease: string): LedgerWrite =>
  create(family, partition, id, { lease });

/** Removes a pointer, which is as it was made: no pointer changes. */
export const unpoint = ({ family, partition, id }: PointerPlace): LedgerWrite => ({
  family,
  credential: partition,
  id,
  expected: 1,
  body: undefined,
});
