/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { Construct } from 'constructs';
import { heartbeatSecret } from '../../lambdas/contracts/names.ts';
import { accessOf } from '../../lambdas/core/access/access-inventory.ts';
import { secretName, type Credential, type Inventory } from '../../lambdas/core/credential.ts';
import { DataKey } from '../keys/data-key.ts';
import { arnAt, type Site } from '../site.ts';
import { SiteStack } from '../site-stack.ts';
import { GuardedSecret } from './guarded-secret.ts';

/** The secrets, their key, and who may reach them. No function lives here, and nobody terminates it. */
export class VaultStack extends SiteStack {
  constructor(scope: Construct, site: Site) {
    super(scope, {
      site,
      name: 'vault',
      isStateful: true,
      description: 'secrets without values, and their policies',
    });
    const { environment, credentials } = site.inventory;
    const ours = arnAt(site, 'secretsmanager', `secret:${secretName(environment, '*')}`);
    const { key } = new DataKey(this, 'SecretsKey', {
      site,
      purpose: 'vault',
      through: ['secretsmanager'],
      onlyFor: { StringLike: { 'kms:EncryptionContext:SecretARN': ours } },
    });
    for (const credential of credentials)
      new GuardedSecret(this, `Secret-${credential.name}`, {
        site,
        key,
        secret: secretName(environment, credential.name),
        description: `${credential.kind}, owned by ${credential.owner}`,
        readers: principalsOf(site.inventory, credential),
        adopters: credential.adopters,
        suppliers: [],
      });
    for (const { name, kind, owner, adopters } of accessOf(site.inventory).leaseAuthorities)
      new GuardedSecret(this, `LeaseAuthority-${name}`, {
        site,
        key,
        secret: secretName(environment, name),
        description: `makes leases of kind ${kind}, owned by ${owner}; a person supplies its value`,
        readers: [],
        adopters,
        suppliers: adopters,
      });
    new GuardedSecret(this, 'Heartbeat', {
      site,
      key,
      secret: heartbeatSecret(environment),
      description: 'never gets a value: reading it proves that reads are seen',
      readers: [],
      adopters: [],
      suppliers: [],
    });
  }
}

const principalsOf = ({ workloads }: Inventory, { boundTo }: Credential): readonly string[] =>
  workloads.filter(({ name }) => boundTo.includes(name)).map(({ principal }) => principal);
