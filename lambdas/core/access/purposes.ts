import { LockstepError } from '../errors.ts';
import type { AccessInventory, Leasable } from './access-inventory.ts';
import type { Caller } from './caller.ts';

/**
 * The purposes that a caller may state, sorted. Every source that speaks of it has to agree: the inventory's binding of the
 * caller, the claims of its session, and, for an agent that acts for a person, both of that person as well. A caller of
 * whom neither a binding nor a claim of its issuer speaks may state none, whatever it says of itself.
 *
 * Never widens: a further source, claim or person only takes away.
 */
export function purposesOf(access: AccessInventory, caller: Caller): readonly string[] {
  const sources = [...sourcesOf(access, caller)];
  if (caller.is === 'agent' && caller.actingFor) sources.push(purposesOf(access, caller.actingFor));
  return common(Object.keys(access.purposes), sources);
}

/**
 * The caller's own: its binding, and what its session claims. Where both are silent, one that allows nothing; what the
 * session sets for itself comes beside them, and only takes away.
 */
function sourcesOf(access: AccessInventory, caller: Caller): readonly (readonly string[])[] {
  const principals = boundAs(caller);
  const bindings = access.purposeBindings.filter(({ principal }) => principals.includes(principal));
  const { purposes: claimed, keptPurposes } = caller.claims;
  const giving = [
    ...(bindings.length === 0 ? [] : [bindings.flatMap(({ purposes }) => purposes)]),
    ...(claimed === undefined ? [] : [claimed]),
  ];
  return [...(giving.length === 0 ? [[]] : giving), ...(keptPurposes === undefined ? [] : [keptPurposes])];
}

const boundAs = (caller: Caller): readonly string[] =>
  caller.is === 'person' ? caller.roles.map((role) => `role:${role}`) : [`${caller.is}:${caller.name}`];

const common = (all: readonly string[], sources: readonly (readonly string[])[]): readonly string[] =>
  all.filter((each) => sources.every((source) => source.includes(each))).sort();

/** What a purpose is chosen from. */
export interface PurposeChoice {
  /** What `purposesOf` says of the caller. */
  readonly allowed: readonly string[];
  readonly leasable: Pick<Leasable, 'name' | 'purposes'>;
  /** What the request asks for. */
  readonly asked?: string;
}

/**
 * The purpose of one request: the one that is asked for, where the caller may state it and the leasable may be had for
 * it; where none is asked for, the only one there is. Throws `PURPOSE_REFUSED`.
 */
export function narrowPurpose({ allowed, leasable, asked }: PurposeChoice): string {
  const candidates = allowed.filter((purpose) => leasable.purposes.includes(purpose));
  if (asked !== undefined) {
    if (candidates.includes(asked)) return asked;
    throw refused(leasable.name, 'the purpose that was asked for is not among', candidates);
  }
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  throw refused(leasable.name, 'which purpose is meant has to be said:', candidates);
}

function refused(leasable: string, what: string, candidates: readonly string[]): LockstepError {
  return new LockstepError(
    'PURPOSE_REFUSED',
    candidates.length === 0
      ? `this caller may state no purpose that ${leasable} is leased for; a purpose of the inventory has to name it, and its session must not exclude it`
      : `${leasable}: ${what} ${candidates.join(', ')}`,
  );
}
