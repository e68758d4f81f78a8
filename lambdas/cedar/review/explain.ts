import { accessOf } from '../../core/access/access-inventory.ts';
import { ttlLimits } from '../../core/access/fitting-ttl.ts';
import { leaseCapabilities } from '../../contracts/lease-capabilities.ts';
import type { Inventory } from '../../core/credential.ts';
import { whoApproves } from '../../core/policy/who-approves.ts';
import { openPolicyEngine } from '../cedar-engine.ts';
import type { PolicyBundle } from '../policy-bundle.ts';
import { approvalsOf, policyJsons } from '../policy-heads.ts';
import { boundPurposes, isLease } from './asks-of.ts';
import {
  brokerAnswer,
  contextOf,
  factorOf,
  type BrokerAnswer,
  type ExplainedRequest,
} from './broker-answer.ts';
import type { Circumstances } from './circumstances.ts';
import { inventoryChanges, type InventoryChange } from './inventory-changes.ts';
import { saysOf, type Say } from './says.ts';
import { smallestChanges, type Alternatives, type Change } from './smallest-changes.ts';

/** Why a request is answered as it is. */
export interface Explanation extends BrokerAnswer {
  /** Purposes that the asker may state for it; the broker refuses any other before it asks policy. Absent but for leases. */
  readonly purposes?: readonly string[];
  /** Every policy whose head fits, with what it says of this request. */
  readonly says: readonly Say[];
  /** Roles whose people may approve it, where that would help. */
  readonly approvers?: readonly string[];
  /** The fewest changes of the circumstances, each list by itself, that turn the answer. */
  readonly changes: readonly (readonly Change[])[];
  /** Where no circumstances give it: changes of the inventory that would. */
  readonly inventoryChanges: readonly InventoryChange[];
}

/** Explains one request, by the very engine and the very functions that decide it. Throws `POLICY_INVALID`. */
export function explain(bundle: PolicyBundle, inventory: Inventory, request: ExplainedRequest): Explanation {
  const engine = openPolicyEngine({ bundle, inventory });
  const { asker, action, resource, circumstances } = request;
  const answer = (each: Circumstances): BrokerAnswer =>
    brokerAnswer(engine, inventory, { ...request, circumstances: each });
  const found = answer(circumstances);
  const isGranted = found.verdict === 'granted';
  const context = contextOf(inventory, circumstances);
  const changes = smallestChanges(
    circumstances,
    alternatives(bundle, inventory, request),
    (each) => (answer(each).verdict === 'granted') !== isGranted,
  );
  return {
    ...found,
    ...(isLease(action) ? { purposes: boundPurposes(inventory, asker.caller, resource) } : {}),
    ...(found.verdict === 'approval-needed'
      ? { approvers: whoApproves(engine, accessOf(inventory), resource.id, context).roles }
      : {}),
    says: saysOf(bundle, inventory, { ...request, context }),
    changes,
    inventoryChanges:
      isGranted || changes.length > 0
        ? []
        : inventoryChanges(inventory, request, (over, asked) => {
            const other = over.isSameForPolicy
              ? engine
              : openPolicyEngine({ bundle, inventory: over.inventory });
            const turned = (each: Circumstances): boolean =>
              brokerAnswer(other, over.inventory, { ...asked, circumstances: each }).verdict === 'granted';
            return turned(asked.circumstances)
              ? [[]]
              : smallestChanges(asked.circumstances, alternatives(bundle, over.inventory, asked), turned);
          }),
  };
}

/** What else a request could be made with, as far as the broker takes it. */
function alternatives(
  bundle: PolicyBundle,
  inventory: Inventory,
  { asker, action, resource }: ExplainedRequest,
): Alternatives {
  // Only who can prove a second factor, or come without, is told that it would help.
  const factor = factorOf(asker) === undefined ? { mfa: [true, false] } : {};
  const leasable = accessOf(inventory).leasables.find(
    ({ name }) => resource.type === 'Leasable' && name === resource.id,
  );
  if (!isLease(action) || !leasable) return factor;
  const { shortestSeconds, longestSeconds } = ttlLimits(leasable, leaseCapabilities(leasable.kind));
  const spoken = [...policyJsons(bundle).values()].flatMap((json) => approvalsOf(json) ?? []);
  const isNew = action === 'lease';
  return {
    ...factor,
    approvals: isNew ? [...new Set([0, ...spoken])].sort((a, b) => a - b) : [0],
    purpose: boundPurposes(inventory, asker.caller, resource),
    ttlSeconds: [...new Set([longestSeconds, leasable.ttl.defaultSeconds, shortestSeconds])],
    breakGlass: isNew ? [true, false] : [false],
  };
}
