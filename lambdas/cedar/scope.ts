import type {
  ActionConstraint,
  EntityUidJson,
  PolicyJson,
  PrincipalConstraint,
  ResourceConstraint,
} from '@cedar-policy/cedar-wasm/nodejs';
import { uidKey, type CedarUid } from './cedar-words.ts';

/** Who and what a question is about, with everything that they are in. */
export interface Scope {
  readonly principal: Placed;
  readonly action: CedarUid;
  readonly resource: Placed;
}

/** An entity, and the keys of itself and everything that it is in. */
export interface Placed {
  readonly uid: CedarUid;
  readonly isIn: ReadonlySet<string>;
}

/** The head of a policy: what of a question can be told before its conditions are looked at. */
export interface PolicyHead {
  readonly id: string;
  readonly json: Pick<PolicyJson, 'principal' | 'action' | 'resource'>;
}

/**
 * Finds the policies whose head fits a question. The others cannot apply (Cedar's "policy slicing"), and a thousand of
 * them cost nothing: they are looked up by what their principal says.
 */
export function scopeIndex(heads: readonly PolicyHead[]): (scope: Scope) => readonly string[] {
  const byPrincipal = new Map<string, PolicyHead[]>();
  for (const head of heads) {
    const key = principalKey(head.json.principal);
    const known = byPrincipal.get(key);
    if (known) known.push(head);
    else byPrincipal.set(key, [head]);
  }
  return (scope) =>
    [ANYBODY, ...scope.principal.isIn]
      .flatMap((key) => byPrincipal.get(key) ?? [])
      .filter((head) => fits(head, scope))
      .map(({ id }) => id)
      .sort();
}

const ANYBODY = '*';

function principalKey(constraint: PrincipalConstraint): string {
  if ((constraint.op === '==' || constraint.op === 'in') && 'entity' in constraint)
    return uidKey(plainUid(constraint.entity));
  return ANYBODY;
}

const fits = ({ json }: PolicyHead, { principal, action, resource }: Scope): boolean =>
  actionFits(json.action, action) &&
  entityFits(json.principal, principal) &&
  entityFits(json.resource, resource);

function entityFits(constraint: PrincipalConstraint | ResourceConstraint, { uid, isIn }: Placed): boolean {
  switch (constraint.op) {
    case 'All':
      return true;
    case '==':
      return 'entity' in constraint && uidKey(plainUid(constraint.entity)) === uidKey(uid);
    case 'in':
      return 'entity' in constraint && isIn.has(uidKey(plainUid(constraint.entity)));
    case 'is':
      return (
        constraint.entity_type === uid.type &&
        (!constraint.in || ('entity' in constraint.in && isIn.has(uidKey(plainUid(constraint.in.entity)))))
      );
  }
}

function actionFits(constraint: ActionConstraint, action: CedarUid): boolean {
  if (constraint.op === 'All') return true;
  if (constraint.op === '==')
    return 'entity' in constraint && uidKey(plainUid(constraint.entity)) === uidKey(action);
  const named = 'entities' in constraint ? constraint.entities : [constraint.entity];
  return named.some((each) => uidKey(plainUid(each)) === uidKey(action));
}

/** An entity of a policy's JSON, in its one form. */
export function plainUid(uid: EntityUidJson): CedarUid {
  if (!('__entity' in uid)) return uid;
  const { __entity: inner } = uid;
  return inner;
}
