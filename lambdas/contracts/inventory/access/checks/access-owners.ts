import type { Check } from '../../draft.ts';
import { unknownName } from './unknown-name.ts';

/** Whatever belongs to somebody belongs to a declared owner. */
export const checkAccessOwners: Check = ({ names, access }) => {
  const register = { what: 'owner', section: 'owners', names: names.owners };
  const owned = [...access.roles, ...access.agents, ...access.leases, ...access.leaseAuthorities];
  return [
    ...access.workloadOwners.flatMap(({ at, owner }) => unknownName(at, owner, register)),
    ...owned.flatMap(({ at, owner }) => unknownName([...at, 'owner'], owner, register)),
  ];
};
