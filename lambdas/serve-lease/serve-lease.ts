import { LockstepError } from '../core/errors.ts';
import type { LeaseCommand, LeaseCommandName, LeaseCommands } from '../core/ports/lease-functions.ts';
import type { LeaserRequest } from '../core/ports/leaser.ts';
import { isLeaseOf } from '../core/access/lease-id.ts';
import { assertIssueWithin, assertPurpose, assertWithinTtl } from './assert-within.ts';
import { findAuthority, findLeasable } from './find-leasable.ts';
import type { LeasePorts } from './lease-ports.ts';
import { readAuthority, withAuthority } from './with-authority.ts';

/** A lease function: everything that happens at the targets of one kind of lease. */
export type LeaseService = (command: LeaseCommand) => Promise<LeaseCommands[LeaseCommandName]['answers']>;

type Command<C extends LeaseCommandName> = Extract<LeaseCommand, { readonly do: C }>;

/**
 * The use case behind every lease function. What a command names is looked up here, in the inventory and in the vault,
 * so nobody can make it act on what they made up; an answer has what `LeaseCommands` says, and nothing besides.
 *
 * Errors: those of the kind's `Leaser` and of the vault; `UNKNOWN_LEASABLE`, `NOT_SUPPORTED` for what another function, or
 * another deployment's, serves, `NOT_ADOPTED` for an authority that nobody has supplied yet, `TTL_REFUSED` and `PURPOSE_REFUSED` for more than
 * the inventory gives to anybody.
 */
export function serveLease(ports: LeasePorts): LeaseService {
  return async (command) => {
    switch (command.do) {
      case 'issue':
        return issue(ports, command);
      case 'renew':
        return renew(ports, command);
      case 'end':
        return end(ports, command);
      case 'is-refused':
        return isRefused(ports, command);
      case 'list-ours':
        return listOurs(ports, command);
      case 'prove-authority':
        return proveAuthority(ports, command);
    }
  };
}

async function issue(
  ports: LeasePorts,
  command: Command<'issue'>,
): Promise<LeaseCommands['issue']['answers']> {
  const leasable = findLeasable(ports, command.leasable);
  assertPurpose(leasable, command.purpose);
  assertWithinTtl(leasable, command.expiresAt, ports.clock());
  assertIssueWithin(command.notAfter, ports.clock());
  const { holder, purpose, expiresAt, notAfter, proof } = command;
  const { key, value, ...made } = await atTarget(ports, command, (request) =>
    ports.leaser.issue(
      request,
      { holder, purpose, ...(proof === undefined ? {} : { proof }) },
      { expiresAt, notAfter },
    ),
  );
  return { key, value, ...(made.expiresAt === undefined ? {} : { expiresAt: made.expiresAt }) };
}

async function renew(
  ports: LeasePorts,
  command: Command<'renew'>,
): Promise<LeaseCommands['renew']['answers']> {
  const leasable = findLeasable(ports, command.leasable);
  if (!ports.leaser.capabilities.renewable) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `a lease of ${leasable.name} (${leasable.kind}) cannot be renewed; ask for a new one`,
    );
  }
  assertWithinTtl(leasable, command.expiresAt, ports.clock());
  await atTarget(ports, command, (request) => ports.leaser.renew(request, command.expiresAt));
  return {};
}

/** Ended and then asked, in this order: only the target's own word counts as refused. */
const end = async (ports: LeasePorts, command: Command<'end'>): Promise<LeaseCommands['end']['answers']> =>
  atTarget(ports, command, async (request) => {
    await ports.leaser.end(request);
    return { refused: await ports.leaser.isRefused(request) };
  });

const isRefused = async (
  ports: LeasePorts,
  command: Command<'is-refused'>,
): Promise<LeaseCommands['is-refused']['answers']> =>
  atTarget(ports, command, async (request) => ({ refused: await ports.leaser.isRefused(request) }));

async function listOurs(
  ports: LeasePorts,
  { leasable: name, after }: Command<'list-ours'>,
): Promise<LeaseCommands['list-ours']['answers']> {
  const leasable = findLeasable(ports, name);
  const { environment } = ports.inventory;
  const { mark } = ports;
  const { leases, next, others } = await withAuthority(ports, findAuthority(ports, leasable), (authority) =>
    ports.leaser.listOurs({ environment, mark, leasable, ...authority }, after),
  );
  return {
    leases: leases.map(({ key, leaseId, expiresAt }) => ({
      key,
      ...(leaseId === undefined ? {} : { leaseId }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })),
    ...(next === undefined ? {} : { next }),
    others: [...others],
  };
}

async function proveAuthority(
  ports: LeasePorts,
  { leasable: name, version }: Command<'prove-authority'>,
): Promise<LeaseCommands['prove-authority']['answers']> {
  const leasable = findLeasable(ports, name);
  const declared = findAuthority(ports, leasable);
  if (!declared) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `leases of ${name} (${leasable.kind}) have no authority to prove`,
    );
  }
  const value = await readAuthority(ports, declared, version === undefined ? {} : { version });
  await ports.leaser.proveAuthority(declared, value);
  return { works: true };
}

/** What a leaser is handed for one lease: never one of another deployment, which alone knows what is to become of it. */
function atTarget<T>(
  ports: LeasePorts,
  { leasable: name, lease: leaseId, fence }: Command<'issue' | 'renew' | 'end' | 'is-refused'>,
  use: (request: LeaserRequest) => Promise<T>,
): Promise<T> {
  const leasable = findLeasable(ports, name);
  const { mark } = ports;
  const { environment } = ports.inventory;
  if (!isLeaseOf(mark, leaseId)) {
    throw new LockstepError(
      'NOT_SUPPORTED',
      `the lease ${leaseId} of ${name} was made by another deployment than this one, whose leases begin with ${mark}; ` +
        'only the one that made it changes or ends it',
    );
  }
  return withAuthority(ports, findAuthority(ports, leasable), (authority) =>
    use({ environment, mark, leasable, leaseId, fence, ...authority }),
  );
}
