import { fit, listOf, optional, record, text } from '../../contracts/check.ts';
import { LockstepError } from '../../core/errors.ts';
import type { LeaserRequest } from '../../core/ports/leaser.ts';
import type { Clock } from '../../core/time.ts';
import { openaiClient } from '../../openai/client.ts';
import { listServiceAccounts, type Access } from '../../openai/organization.ts';
import type { Sleep } from '../../openai/settle.ts';
import type { ApiPorts } from '../../outbound/api-call.ts';
import type { OpenaiLeaseAuthorityTarget, OpenaiLeaseTarget } from './kind.ts';
import { leasePrefix, nameIn, type LeaseName } from './lease-name.ts';
import { adminKeyIn } from './value.ts';

/** What the leaser needs from outside. */
export interface OpenaiLeasePorts extends ApiPorts {
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** The project of a leasable, and who asks there. */
export interface AtProject {
  readonly access: Access;
  readonly project: string;
  readonly scopes?: readonly string[];
  /** How the names of this leasable's service accounts begin. */
  readonly prefix: string;
  /** How the ids of this deployment's leases begin, which are behind it. */
  readonly mark: string;
}

/** A service account of a lease. */
export interface LeaseAccount extends LeaseName {
  readonly id: string;
  readonly name: string;
  /** Whole seconds since 1970, by the provider's clock. */
  readonly createdAt: number;
}

/** The base of the API that an authority belongs to. */
export const apiUrlOf = ({ name, target }: { readonly name: string; readonly target: object }): string =>
  fit(
    record<OpenaiLeaseAuthorityTarget>({ apiUrl: text }),
    target,
    'INVENTORY_INVALID',
    `the target of ${name}`,
  ).apiUrl;

/**
 * The way to a leasable's project.
 *
 * @param withinMilliseconds how long any one call may take; it is asked anew for each
 */
export function atProject(
  ports: OpenaiLeasePorts,
  { environment, mark, leasable, authority }: Omit<LeaserRequest, 'leaseId' | 'fence'>,
  withinMilliseconds: () => number = () => Infinity,
): AtProject {
  if (!authority) {
    throw new LockstepError(
      'INVENTORY_INVALID',
      `leases of ${leasable.name} need a lease authority of kind openai; name one and deploy again`,
    );
  }
  const { project, scopes } = fit(
    record<Pick<OpenaiLeaseTarget, 'project'> & { readonly scopes?: readonly string[] }>({
      project: text,
      scopes: optional(listOf(text)),
    }),
    leasable.target,
    'INVENTORY_INVALID',
    `the target of ${leasable.name}`,
  );
  const client = openaiClient(ports);
  return {
    access: {
      client: (call) => client({ ...call, withinMilliseconds: withinMilliseconds() }),
      apiUrl: apiUrlOf(authority.declared),
      bearer: adminKeyIn(authority.value),
      subject: leasable.name,
    },
    project,
    ...(scopes === undefined ? {} : { scopes }),
    prefix: leasePrefix(environment, leasable.name),
    mark,
  };
}

/**
 * Every service account of this deployment's leases of the leasable, tombstones included. One call for each hundred accounts
 * of the project.
 */
export const leaseAccounts = async ({
  access,
  project,
  prefix,
  mark,
}: AtProject): Promise<readonly LeaseAccount[]> =>
  (await listServiceAccounts(access, project)).flatMap(({ id, name, created_at }) => {
    const found = nameIn(name, prefix, mark);
    return found ? [{ ...found, id, name, createdAt: created_at }] : [];
  });

/** Tombstones are told by what they have not: a fence. */
export const isTombstone = ({ fence }: LeaseName): boolean => fence === undefined;
