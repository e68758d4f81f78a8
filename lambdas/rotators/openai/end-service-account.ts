import { LockstepError } from '../../core/errors.ts';
import {
  deleteProjectKey,
  deleteServiceAccount,
  listProjectKeys,
  readServiceAccount,
  type Access,
} from '../../openai/organization.ts';

/**
 * Ends the key that a version stands for. Ended already: nothing happens.
 *
 * An account that this deployment made holds that one key, so the account goes. An account that a person named when
 * the credential was adopted, or that another deployment made, may serve others: only its key goes, and only where it has no second one that
 * could be meant instead.
 *
 * @param prefix how the names of our own accounts begin
 */
export async function endServiceAccount(
  access: Access,
  project: string,
  id: string,
  prefix: string,
): Promise<void> {
  const account = await readServiceAccount(access, project, id);
  if (!account) return;
  if (account.name.startsWith(prefix)) return deleteServiceAccount(access, project, id);
  const keys = (await listProjectKeys(access, project)).filter(
    ({ owner }) => owner.service_account?.id === id,
  );
  const [only] = keys;
  if (keys.length > 1) {
    throw new LockstepError(
      'TARGET_REFUSED',
      `service account ${id} of ${access.subject} was not made by this deployment and has ${keys.length} keys; delete the old key by hand`,
    );
  }
  if (only) await deleteProjectKey(access, project, only.id);
}
