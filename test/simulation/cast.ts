import type {
  Credential,
  DeadlinePolicy,
  Dependent,
  Inventory,
  Strategy,
} from '../../lambdas/core/credential.ts';
import type { Capabilities } from '../../lambdas/core/ports/rotator.ts';
import type { TargetShape } from '../fakes/memory-target.ts';

/**
 * How a simulated dependent behaves.
 *
 * - `prompt`: a receiver that, when told, reads, uses and acknowledges;
 * - `lagging`: the same, minutes later;
 * - `cached`: the same, but its first reads come out of its cache;
 * - `fleet`: two instances, of which one acknowledges and the other goes on with its cache;
 * - `crashing`: a receiver that is away at times, and asks what is expected when it is back;
 * - `keeper`: acknowledges, and keeps a session on the version before for long;
 * - `poller`: told nothing, reads every cacheTtl, asks what is expected, acknowledges;
 * - `sessions`: told nothing, acknowledges nothing, is seen at the target;
 * - `silent`: never moves;
 * - `liar`: never moves, and claims that it did.
 */
export const HABITS = [
  'prompt',
  'lagging',
  'cached',
  'fleet',
  'crashing',
  'keeper',
  'poller',
  'sessions',
  'silent',
  'liar',
] as const;
export type Habit = (typeof HABITS)[number];

/** Those that move in the end. */
export const cooperates = (habit: Habit): boolean => habit !== 'silent' && habit !== 'liar';

/** The names of the credentials that a workspace may have. */
export const CAST = ['db-admin', 'store', 'queue', 'api-admin', 'agents', 'hook'] as const;
export type Role = (typeof CAST)[number];

/** Who plays. Authorities come with their children. */
export interface Casting {
  readonly habits: Readonly<Partial<Record<Role, readonly Habit[]>>>;
  readonly onDeadline: DeadlinePolicy;
  /** Whether the minting target knows a disable. */
  readonly mintsReversibly: boolean;
}

interface Part {
  readonly kind: string;
  readonly family: string;
  readonly strategy: Strategy;
  readonly shape: TargetShape;
  readonly authority?: Role;
}

const PARTS: Readonly<Record<Role, Part>> = {
  'db-admin': { kind: 'db-admin', family: 'db', strategy: 'in-place', shape: 'in-place' },
  store: { kind: 'db', family: 'db', strategy: 'two-slot', shape: 'two-slot', authority: 'db-admin' },
  queue: { kind: 'db', family: 'db', strategy: 'two-slot', shape: 'two-slot', authority: 'db-admin' },
  'api-admin': { kind: 'api-admin', family: 'api', strategy: 'mint-and-retire', shape: 'mint' },
  agents: { kind: 'api', family: 'api', strategy: 'mint-and-retire', shape: 'mint', authority: 'api-admin' },
  hook: { kind: 'hook', family: 'hook', strategy: 'dual-value', shape: 'dual-value' },
};

/** Seconds that the workspace declares; all that a story waits for follows from them. */
export const TIMES = { cache: 120, drain: 300, soak: 300, deadline: 7200, poolLifetime: 120 } as const;

const IS_POLLER: readonly Habit[] = ['poller', 'sessions'];

/** The shape of the target that serves a kind. */
export function shapeOf(kind: string): TargetShape {
  const part = Object.values(PARTS).find((each) => each.kind === kind);
  if (!part) throw new RangeError(`no part of kind ${kind}`);
  return part.shape;
}

/** What a kind's target can do, where that differs from its shape's. */
export const capabilitiesOf = (kind: string, { mintsReversibly }: Casting): Partial<Capabilities> =>
  shapeOf(kind) === 'mint' ? { reversibleDisable: kind === 'api' && mintsReversibly, liveKeyLimit: 50 } : {};

/** The roles that play: those with habits, and the authorities they need. */
export function rolesOf({ habits }: Casting): readonly Role[] {
  const cast = CAST.filter((role) => habits[role] !== undefined);
  const authorities = cast.map((role) => PARTS[role].authority).filter((role) => role !== undefined);
  return CAST.filter((role) => cast.includes(role) || authorities.includes(role));
}

/** The habit of a dependent, by its name. */
export function habitOf(dependent: string): Habit {
  const found = HABITS.find((habit) => dependent.endsWith(`-${habit}`));
  if (!found) throw new RangeError(`${dependent} has no habit`);
  return found;
}

function dependentOf(role: Role, number: number, habit: Habit): Dependent {
  const name = `${role}-${number}-${habit}`;
  const evidence = {
    applicationName: name,
    poolLifetimeSeconds: TIMES.poolLifetime,
    suffices: habit === 'sessions',
  };
  return {
    name,
    kind: IS_POLLER.includes(habit) ? 'poller' : 'webhook',
    workload: `workload-of-${name}`,
    cacheTtlSeconds: TIMES.cache,
    ...(PARTS[role].shape === 'two-slot' ? { evidence } : {}),
    settings: {},
  };
}

function credentialOf(role: Role, { habits, onDeadline }: Casting): Credential {
  const { kind, family, strategy, shape, authority } = PARTS[role];
  // Sessions are seen at two-slot targets only; elsewhere such a dependent would be silent.
  const played = (habits[role] ?? []).map((habit) =>
    habit === 'sessions' && shape !== 'two-slot' ? 'poller' : habit,
  );
  const dependents = authoritative(role) ? [] : played.map((habit, at) => dependentOf(role, at, habit));
  return {
    name: role,
    kind,
    family,
    strategy,
    owner: 'a-team',
    ...(authority === undefined ? {} : { authority }),
    rotateEverySeconds: 86_400,
    boundTo: dependents.map(({ workload }) => workload),
    adopters: [],
    dependents,
    retire: {
      drainSeconds: TIMES.drain,
      soakSeconds: TIMES.soak,
      deadlineSeconds: TIMES.deadline,
      onDeadline,
    },
    target: {},
  };
}

const authoritative = (role: Role): boolean => role === 'db-admin' || role === 'api-admin';

/** The inventory of a casting. */
export function inventoryOf(casting: Casting): Inventory {
  const credentials = rolesOf(casting).map((role) => credentialOf(role, casting));
  const workloads = credentials.flatMap(({ boundTo }) => boundTo);
  return {
    environment: 'simulated',
    digest: 'a digest',
    workloads: workloads.map((name) => ({ name, principal: `embedded:${name}` })),
    freezes: [],
    credentials,
  };
}
