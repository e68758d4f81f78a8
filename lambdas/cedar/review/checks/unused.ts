import type { Problem } from '../../../contracts/inventory/problem.ts';
import { targetFunction } from '../../../contracts/names.ts';
import { accessOf } from '../../../core/access/access-inventory.ts';
import type { Credential, Inventory } from '../../../core/credential.ts';
import type { EntityRef } from '../../../core/policy/policy-request.ts';
import { linesOf } from '../overview.ts';
import type { Review, ReviewCheck } from './review.ts';

/** Credentials, lease authorities and leasables that nobody may use: they are changed and watched for nothing. */
export const checkUnused: ReviewCheck = (review) => {
  const { inventory } = review;
  const { leasables, leaseAuthorities } = accessOf(inventory);
  const lone = inventory.credentials.filter(
    (credential) => !isNeeded(inventory, credential) && !isRead(review, credential),
  );
  return [
    ...lone.map(({ name }) => unused(`credentials.${name}`, 'bind a workload to it')),
    ...leaseAuthorities
      .filter(({ name }) => !leasables.some(({ authority }) => authority === name))
      .map(({ name }) => unused(`leaseAuthorities.${name}`, 'declare a lease that it makes')),
    ...leasables
      .filter(({ name }) => !isLeased(review, { type: 'Leasable', id: name }))
      .map(({ name }) =>
        unused(
          `leases.${name}`,
          'permit it to somebody who may state one of its purposes; see policies/leases.cedar and purposes',
        ),
      ),
  ];
};

/** Others are changed by it, or leased in its place. */
const isNeeded = (inventory: Inventory, { name }: Credential): boolean =>
  inventory.credentials.some(({ authority }) => authority === name) ||
  accessOf(inventory).leasables.some(({ standsFor }) => standsFor === name);

/** Somebody reads it besides the function that changes it: a workload, or a function that works with it. */
function isRead({ overview, asks }: Review, { name, family }: Credential): boolean {
  const own = `function:${targetFunction(family)}`;
  return asks.some(
    (ask) =>
      ask.action === 'read' &&
      ask.resource.id === name &&
      ask.asker.name !== own &&
      overview(ask).outcome !== 'never',
  );
}

const isLeased = ({ overview, asks }: Review, { id }: EntityRef): boolean =>
  linesOf(
    overview,
    asks.filter(({ action, resource }) => action === 'lease' && resource.id === id),
  ).length > 0;

const unused = (path: string, mend: string): Problem => ({
  path,
  found: 'nobody may use it',
  allowed: 'somebody who reads or leases it, or something that is changed by it',
  mend: `${mend}, or take it out of the inventory`,
});
