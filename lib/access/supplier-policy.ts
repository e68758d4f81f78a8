import { PROVE_ALIAS } from '../../lambdas/contracts/lease-request.ts';
import { leaseFunction } from '../../lambdas/contracts/names.ts';
import type { LeaseAuthority } from '../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../lambdas/core/credential.ts';
import { mayInvoke, type Right } from '../rights/right.ts';
import { secretArn } from '../rights/vault-access.ts';
import { functionArn, type Site } from '../site.ts';

/**
 * What a person needs to supply one lease authority (`lockstep supply`): to put a value and to make it current, under
 * their own name, and to have it proved in between. Not to read it, and not to have anything leased.
 */
export const maySupply = (site: Site, { name, kind }: LeaseAuthority): readonly Right[] => [
  {
    actions: [
      'secretsmanager:DescribeSecret',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    resources: [secretArn(site, secretName(site.inventory.environment, name))],
  },
  mayInvoke(`${functionArn(site, leaseFunction(kind))}:${PROVE_ALIAS}`),
];
