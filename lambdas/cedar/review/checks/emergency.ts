import type { Problem } from '../../../contracts/inventory/problem.ts';
import { accessOf } from '../../../core/access/access-inventory.ts';
import type { EntityRef, PolicyAction } from '../../../core/policy/policy-request.ts';
import { pathOf } from './path-of.ts';
import type { Review, ReviewCheck } from './review.ts';

/**
 * Whether there is a way in, and a way to stop, when nobody else can be asked: people who may get a lease by breaking the
 * glass, and people who may revoke and change what leaked.
 */
export const checkEmergency: ReviewCheck = (review) => {
  const { credentials } = review.inventory;
  const { leasables } = accessOf(review.inventory);
  // Nobody can lease anything: what people may do there is not for policy to say.
  if (leasables.length === 0) return [];
  return [
    ...leasables.flatMap(({ name }) => {
      const leasable: EntityRef = { type: 'Leasable', id: name };
      return [
        ...without(review, 'lease', leasable, 'lease it by breaking the glass'),
        ...without(review, 'revoke', leasable, 'revoke its leases'),
      ];
    }),
    ...credentials.flatMap(({ name }) => {
      const credential: EntityRef = { type: 'Credential', id: name };
      return [
        ...without(review, 'revoke', credential, 'revoke it'),
        ...without(review, 'rotate', credential, 'have it rotated'),
      ];
    }),
  ];
};

function without(
  { inventory, asks, overview }: Review,
  action: PolicyAction,
  resource: EntityRef,
  what: string,
): readonly Problem[] {
  const isPossible = asks.some(
    (ask) =>
      ask.action === action &&
      ask.resource.type === resource.type &&
      ask.resource.id === resource.id &&
      ask.asker.caller?.is === 'person' &&
      !ask.apart &&
      (action !== 'lease' || ask.breakGlass === true) &&
      overview(ask, { approvals: [] }).outcome !== 'never',
  );
  if (isPossible) return [];
  return [
    {
      path: pathOf(inventory, resource),
      found: `no emergency path: no role's people may ${what} without somebody else's word`,
      allowed: 'at least one role that may, at any time',
      mend:
        action === 'lease'
          ? 'permit it to the people on call, as policies/break-glass.cedar does, with a purpose that they may state. Where policy asks for a second factor: let them come by the tokens of an issuer, or say secondFactorProved of a role that nobody assumes without one'
          : 'permit it to the people on call, as policies/operations.cedar does',
    },
  ];
}
