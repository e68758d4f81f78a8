import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { leaserKind } from '../../lambdas/contracts/kinds.ts';
import { formatProblems } from '../../lambdas/contracts/inventory/problem.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import type { Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { PolicyEngine } from '../../lambdas/core/ports/policy-engine.ts';
import type { AccessParts } from '../pipeline/pipeline-parts.ts';
import type { KindPorts } from './load-kinds.ts';
import { loadLeasers } from './load-leasers.ts';

/** What leases of this world are opened with. */
export interface AccessOptions extends KindPorts {
  readonly inventory: Inventory;
  /** The folder with the policies of the workspace. */
  readonly policies: string;
  /** The keys of an issuer could not be read. */
  readonly onTrouble: (what: string, error: unknown) => void;
}

/**
 * Everything that leases need, loaded only where something can be leased: policies, the engine that decides by them, the
 * leasers of the kinds that the inventory has. Throws `POLICY_INVALID` with all problems.
 */
export async function loadAccess(options: AccessOptions): Promise<AccessParts | undefined> {
  const { inventory, policies, clock, onTrouble } = options;
  if (accessOf(inventory).leasables.length === 0) return undefined;
  const [{ tokenVerifier }, { readKeys }, { outboundGet }] = await Promise.all([
    import('../../lambdas/tokens/token-verifier.ts'),
    import('../../lambdas/tokens/read-keys.ts'),
    import('../../lambdas/outbound/get.ts'),
  ]);
  const get = outboundGet();
  return {
    policy: await openEngine(inventory, policies),
    tokens: tokenVerifier({
      read: (issuer) => readKeys(get, issuer),
      clock,
      onRead: (name, failure) => {
        if (failure) onTrouble(`the keys of issuer ${name}`, failure);
      },
    }),
    leaserFor: await loadLeasers(inventory, options),
    capabilitiesOf: (kind) => leaserKind(kind)?.capabilities,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
  };
}

/** The schema that this version decides by. */
const SCHEMA = new URL('../../policies/schema.cedarschema', import.meta.url);

async function openEngine(inventory: Inventory, folder: string): Promise<PolicyEngine> {
  const [{ policyFilesIn, readPolicies }, { openPolicyEngine }] = await Promise.all([
    import('../../lambdas/cedar/read-policies.ts'),
    import('../../lambdas/cedar/cedar-engine.ts'),
  ]);
  const { bundle, problems } = readPolicies(policyFilesIn(folder, 'policies'), readFileSync(SCHEMA, 'utf8'));
  if (bundle) return openPolicyEngine({ bundle, inventory });
  throw new LockstepError('POLICY_INVALID', formatProblems(problems, 'The policy set'));
}
