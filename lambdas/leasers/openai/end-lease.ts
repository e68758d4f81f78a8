import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import { createKeylessAccount, deleteServiceAccount, readServiceAccount } from '../../openai/organization.ts';
import { settle } from '../../openai/settle.ts';
import {
  atProject,
  isTombstone,
  leaseAccounts,
  type AtProject,
  type LeaseAccount,
  type OpenaiLeasePorts,
} from './at-project.ts';
import { tombstoneName } from './lease-name.ts';

/** How long is waited for the provider to forget what it has deleted. Later, the end is asked for again. */
const SETTLING_SECONDS = 15;

/** A tombstone has to outlast every issue that could still be on its way: a minute, and clocks that differ. */
const TOMBSTONE_SECONDS = 600;

/** Old tombstones are taken away by whoever ends something, a few at a time, so that no end waits for many. */
const TOMBSTONES_AT_ONCE = 20;

/**
 * Ends a lease: whatever key it has, and whatever key is being made for it at this moment.
 *
 * The tombstone comes first. An issue that has made its key by then is found in the list behind it; one that has not finds
 * the tombstone when it looks, and takes back what it made.
 */
export async function endLease(ports: OpenaiLeasePorts, request: LeaserRequest): Promise<void> {
  const { leaseId } = request;
  const at = atProject(ports, request);
  const isOurs = (each: LeaseAccount): boolean => each.leaseId === leaseId;
  if (!(await leaseAccounts(at)).some((each) => isOurs(each) && isTombstone(each)))
    await createKeylessAccount(at.access, at.project, tombstoneName(at.prefix, leaseId));
  const found = await leaseAccounts(at);
  for (const { id } of found.filter((each) => isOurs(each) && !isTombstone(each)))
    await endOne(ports, at, id);
  await forgetOldTombstones(ports, at, found);
}

/** Deletes, and waits until the provider itself no longer knows it. */
async function endOne({ sleep }: OpenaiLeasePorts, at: AtProject, id: string): Promise<void> {
  const { access, project, prefix } = at;
  await deleteServiceAccount(access, project, id);
  const isGone = await settle(
    sleep,
    SETTLING_SECONDS,
    async () => (await readServiceAccount(access, project, id))?.name.startsWith(prefix) !== true,
    (gone) => gone,
  );
  if (isGone) return;
  throw new LockstepError(
    'TARGET_BUSY',
    `the API of ${access.subject} accepted the deletion of service account ${id} and still knows it; it will be asked again`,
  );
}

async function forgetOldTombstones(
  { clock }: OpenaiLeasePorts,
  { access, project }: AtProject,
  found: readonly LeaseAccount[],
): Promise<void> {
  const before = clock().getTime() / 1000 - TOMBSTONE_SECONDS;
  const old = found.filter((each) => isTombstone(each) && each.createdAt < before);
  for (const { id } of old.slice(0, TOMBSTONES_AT_ONCE)) {
    // The lease has ended, whatever comes of this: the next one who ends something sweeps on.
    await deleteServiceAccount(access, project, id).catch(() => undefined);
  }
}
