import type { EntityRef, EntityType, PolicyAction } from '../core/policy/policy-request.ts';

/** The namespace of everything that Lockstep's policies speak of. */
const NAMESPACE = 'Lockstep';

/** An entity as Cedar's JSON has it. Names are never put together into text: a quote in one could end it. */
export interface CedarUid {
  readonly type: string;
  readonly id: string;
}

export const uidOf = ({ type, id }: EntityRef): CedarUid => ({ type: `${NAMESPACE}::${type}`, id });

export const actionUid = (action: PolicyAction): CedarUid => ({ type: `${NAMESPACE}::Action`, id: action });

/** One text for each entity, different for different ones. */
export const uidKey = ({ type, id }: CedarUid): string => `${type}\n${id}`;

/** The type of one of our entities, without its namespace; `undefined` for another one's. */
export const typeOf = ({ type }: CedarUid): EntityType | 'Action' | undefined =>
  type.startsWith(`${NAMESPACE}::`) ? (type.slice(NAMESPACE.length + 2) as EntityType | 'Action') : undefined;

/** A reference to an entity inside a value. */
export const entityValue = (ref: EntityRef) => ({ __entity: uidOf(ref) }) as const;

/** A value of one of Cedar's extension types: `duration`, `datetime`, `ip`. */
export const extensionValue = (fn: 'duration' | 'datetime' | 'ip' | 'unknown', arg: string) =>
  ({ __extn: { fn, arg } }) as const;
