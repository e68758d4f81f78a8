import type { AccessInventory, Role } from './access-inventory.ts';
import { IDENTITY_CENTER } from './identity-center.ts';

/**
 * The people that a role has, where the inventory knows them all, each by the name that the broker would know them by:
 * one for each IAM role whose sessions prove no names, one for each identity of the embedded world. `undefined` where more
 * may come than it knows: by tokens, by proved session names, or where nothing is said of it.
 */
export function peopleOfRole(
  { roles }: Pick<AccessInventory, 'roles'>,
  { groups, principals }: Role,
): readonly string[] | undefined {
  const provesNames = (principal: string): boolean =>
    principal.includes(IDENTITY_CENTER.roles) ||
    (!principal.startsWith('embedded:') &&
      roles
        .filter((role) => role.principals.includes(principal))
        .every(({ sessionNamesProved }) => sessionNamesProved === true));
  return groups.length > 0 || principals.length === 0 || principals.some(provesNames)
    ? undefined
    : principals;
}

/**
 * Whether people of these roles prove a second factor. Who can come by a token says it there: `undefined`. By signature
 * alone it is as the inventory says of the roles: the URL tells nothing of it (`awsCaller`).
 */
export const provesFactor = (roles: readonly Role[]): boolean | undefined =>
  roles.some(({ groups }) => groups.length > 0)
    ? undefined
    : roles.every(({ secondFactorProved }) => secondFactorProved === true);
