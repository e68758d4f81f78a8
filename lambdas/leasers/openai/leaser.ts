import { LockstepError } from '../../core/errors.ts';
import type { LeaseAuthority } from '../../core/access/access-inventory.ts';
import {
  OTHERS_AT_MOST,
  type LeaseAtTarget,
  type Leaser,
  type LeaserRequest,
  type ListedLeases,
} from '../../core/ports/leaser.ts';
import type { Secret } from '../../core/secret.ts';
import { openaiClient } from '../../openai/client.ts';
import { pageOfServiceAccounts } from '../../openai/organization.ts';
import { apiUrlOf, atProject, isTombstone, leaseAccounts, type OpenaiLeasePorts } from './at-project.ts';
import { openaiLeaseCapabilities } from './capabilities.ts';
import { endLease } from './end-lease.ts';
import { issueKey } from './issue-key.ts';
import { leaseKey, nameIn, otherMarkIn } from './lease-name.ts';
import { adminKeyIn } from './value.ts';

/**
 * Keys of a project at OpenAI that expire, each the only key of a service account that is named after its lease.
 *
 * To find a lease costs one call for each hundred service accounts of the project, because the provider lists and does
 * not search: leases are best given a project of their own.
 */
export function openaiLeaser(ports: OpenaiLeasePorts): Leaser {
  return {
    capabilities: openaiLeaseCapabilities,
    checkAuthority: (_authority, value) => void adminKeyIn(value),
    proveAuthority: async (authority, value) => proveAuthority(ports, authority, value),
    issue: async (request, _holder, times) => issueKey(ports, request, times),
    renew: async ({ leasable }) => {
      throw new LockstepError(
        'NOT_SUPPORTED',
        `the end of a key of ${leasable.name} is not moved: its provider could not refuse a repeat that comes late; ask for a new lease`,
      );
    },
    end: async (request) => endLease(ports, request),
    isRefused: async (request) => {
      const accounts = await leaseAccounts(atProject(ports, request));
      const isThere = accounts.some((each) => each.leaseId === request.leaseId && !isTombstone(each));
      return isThere ? 'accepted' : 'refused';
    },
    listOurs: async (request, after) => listOurs(ports, request, after),
  };
}

/** An admin key has the whole organization: there is no narrower right that could be asked for, and none to find missing. */
async function proveAuthority(
  ports: OpenaiLeasePorts,
  authority: LeaseAuthority,
  value: Secret,
): Promise<void> {
  const call = { method: 'GET', path: ['organization', 'admin_api_keys'], query: { limit: '1' } } as const;
  const subject = { apiUrl: apiUrlOf(authority), bearer: adminKeyIn(value), subject: authority.name };
  if ((await openaiClient(ports)({ ...call, ...subject })).found) return;
  throw new LockstepError(
    'TARGET_REFUSED',
    `the API of ${authority.name} knows no organization/admin_api_keys; is apiUrl right?`,
  );
}

async function listOurs(
  ports: OpenaiLeasePorts,
  request: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  after: string | undefined,
): Promise<ListedLeases> {
  const { access, project, prefix, mark } = atProject(ports, request);
  const { items, next } = await pageOfServiceAccounts(access, project, after);
  const leases = items
    .filter(({ name }) => name.startsWith(`${prefix}${mark}`))
    .flatMap(({ name }): readonly LeaseAtTarget[] => {
      const found = nameIn(name, prefix, mark);
      if (!found) return [{ key: name }];
      const { leaseId } = found;
      return isTombstone(found) ? [] : [{ key: leaseKey(prefix, leaseId), leaseId }];
    });
  const each = new Map(leases.map((lease) => [lease.key, lease]));
  const others = items.flatMap(({ name }) => otherMarkIn(name, mark) ?? []);
  return {
    leases: [...each.values()],
    ...(next === undefined ? {} : { next }),
    others: [...new Set(others)].slice(0, OTHERS_AT_MOST),
  };
}
