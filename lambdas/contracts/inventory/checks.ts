import { checkAccessNames } from './access/checks/access-names.ts';
import { checkAccessOwners } from './access/checks/access-owners.ts';
import { checkAgents } from './access/checks/agents.ts';
import { checkEgress } from './access/checks/egress.ts';
import { checkHolderTokens } from './access/checks/holder-tokens.ts';
import { checkIssuers } from './access/checks/issuers.ts';
import { checkLeaseAccounts } from './access/checks/lease-accounts.ts';
import { checkLeasePlaces } from './access/checks/lease-places.ts';
import { checkLeases, checkLeaseTimes } from './access/checks/leases.ts';
import { checkPeople } from './access/checks/people.ts';
import { checkPurposes } from './access/checks/purposes.ts';
import { checkRoles } from './access/checks/roles.ts';
import { checkSuppliers } from './access/checks/suppliers.ts';
import { checkTokens } from './access/checks/tokens.ts';
import { checkAccounts } from './checks/accounts.ts';
import { checkAcknowledgements } from './checks/acknowledgements.ts';
import { checkAddresses } from './checks/addresses.ts';
import { checkAdopters } from './checks/adopters.ts';
import { checkAllowedHosts } from './checks/allowed-hosts.ts';
import { checkAuthorities } from './checks/authorities.ts';
import { checkAuthorityCycles } from './checks/authority-cycles.ts';
import { checkBoundWorkloads } from './checks/bound-workloads.ts';
import { checkCadenceLimits } from './checks/cadence-limits.ts';
import { checkCadenceRoom } from './checks/cadence-room.ts';
import { checkDatabaseTrust } from './checks/database-trust.ts';
import { checkDeadlines } from './checks/deadlines.ts';
import { checkDependentNames } from './checks/dependent-names.ts';
import { checkDependentWorkloads } from './checks/dependent-workloads.ts';
import { checkDependentsCount } from './checks/dependents-count.ts';
import { checkDrains } from './checks/drains.ts';
import { checkEvidence } from './checks/evidence.ts';
import { checkFreezes } from './checks/freezes.ts';
import { checkNames } from './checks/names.ts';
import { checkOwners } from './checks/owners.ts';
import { checkPartitions } from './checks/partitions.ts';
import { checkProvableEnds } from './checks/provable-ends.ts';
import { checkSigningKeys } from './checks/signing-keys.ts';
import { checkSlots } from './checks/slots.ts';
import { checkWorkloadPrincipals } from './checks/workload-principals.ts';
import type { Check } from './draft.ts';

/** Everything that is checked beyond the shape of the file. All of them run; none depends on another. */
export const CHECKS: readonly Check[] = [
  checkNames,
  checkOwners,
  checkPartitions,
  checkFreezes,
  checkWorkloadPrincipals,
  checkAuthorities,
  checkAuthorityCycles,
  checkAdopters,
  checkBoundWorkloads,
  checkDependentNames,
  checkDependentWorkloads,
  checkDependentsCount,
  checkAcknowledgements,
  checkEvidence,
  checkDrains,
  checkDeadlines,
  checkCadenceRoom,
  checkCadenceLimits,
  checkAccounts,
  checkSlots,
  checkSigningKeys,
  checkProvableEnds,
  checkAddresses,
  checkAllowedHosts,
  checkDatabaseTrust,
  checkAccessNames,
  checkAccessOwners,
  checkIssuers,
  checkTokens,
  checkRoles,
  checkPeople,
  checkAgents,
  checkPurposes,
  checkLeases,
  checkLeaseTimes,
  checkEgress,
  checkLeaseAccounts,
  checkLeasePlaces,
  checkHolderTokens,
  checkSuppliers,
];
