import { expect, it } from 'vitest';
import { heartbeatSecret, roleArn, type FunctionName } from '../../../lambdas/contracts/names.ts';
import { vaultGrants, type VaultRight } from '../../../lambdas/contracts/vault-rights.ts';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import { secretName } from '../../../lambdas/core/credential.ts';
import { verdictOf } from '../../rights/one-policy.ts';
import type { Policy } from '../../rights/policy.ts';
import { rolesOf } from '../roles.ts';
import { example } from '../the-example.ts';
import type { Resource, SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';

const RIGHTS: readonly VaultRight[] = [
  'DescribeSecret',
  'ListSecretVersionIds',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'RotateSecret',
];
const TLS = { 'aws:SecureTransport': 'true' };

/** The secret's resource and its policy. */
function guarded(
  environment: SynthesizedEnvironment,
  name: string,
): { readonly secret: Resource; readonly policy: Resource } {
  const secret = environment
    .ofType('AWS::SecretsManager::Secret')
    .find(({ properties }) => properties['Name'] === name);
  const policy = environment
    .ofType('AWS::SecretsManager::ResourcePolicy')
    .find(({ raw }) => JSON.stringify(raw.Properties?.['SecretId']) === JSON.stringify({ Ref: secret?.id }));
  if (!secret || !policy) throw new Error(`no secret ${name} with a policy`);
  return { secret, policy };
}

const documentOf = ({ properties }: Resource): Policy => properties['ResourcePolicy'] as unknown as Policy;

function verdict(
  environment: SynthesizedEnvironment,
  name: string,
  right: VaultRight | 'DeleteSecret',
  principal: string,
  context = TLS,
) {
  const { policy } = guarded(environment, name);
  return verdictOf(
    documentOf(policy),
    { action: `secretsmanager:${right}`, resource: '*', context },
    principal,
  );
}

/** Whatever the inventory has a secret for. */
const declared = ({ declared: { inventory } }: SynthesizedEnvironment): readonly string[] =>
  [...inventory.credentials, ...accessOf(inventory).leaseAuthorities].map(({ name }) => name);

// A secret has no value in any template, and a door that knows everybody who may come in.

it('secrets: there is one for each credential and lease authority and one for the heartbeat, named by the one rule, and no other', () => {
  for (const environment of example().environments) {
    const expected = declared(environment).map((name) => secretName(environment.name, name));
    const names = environment
      .ofType('AWS::SecretsManager::Secret')
      .map(({ properties }) => text(properties['Name']));
    expect([...names].sort()).toEqual([...expected, heartbeatSecret(environment.name)].sort());
  }
});

it('secrets: each has a policy of its own that cannot be made public', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::SecretsManager::Secret')) {
      const { policy } = guarded(environment, text(properties['Name']));
      expect(policy.properties['BlockPublicPolicy']).toBe(true);
    }
});

it('secrets: bound workloads read, and nobody else does: no other workload, no administrator, no root, nobody without TLS', () => {
  for (const environment of example().environments) {
    const { inventory } = environment.declared;
    const strangers = [
      `arn:aws:iam::${environment.account}:role/Administrator`,
      `arn:aws:iam::${environment.account}:root`,
      `arn:aws:iam::${environment.account}:user/somebody`,
    ];
    for (const { name, boundTo } of inventory.credentials) {
      const secret = secretName(environment.name, name);
      for (const workload of inventory.workloads) {
        const expected = boundTo.includes(workload.name) ? 'allowed' : 'denied';
        expect(
          verdict(environment, secret, 'GetSecretValue', workload.principal),
          `${workload.name} ${name}`,
        ).toBe(expected);
        expect(verdict(environment, secret, 'PutSecretValue', workload.principal)).toBe('denied');
        expect(
          verdict(environment, secret, 'GetSecretValue', workload.principal, {
            'aws:SecureTransport': 'false',
          }),
        ).toBe('denied');
      }
      for (const stranger of strangers)
        expect(verdict(environment, secret, 'GetSecretValue', stranger)).toBe('denied');
      expect(verdict(environment, secret, 'GetSecretValue', 'service:cloudformation.amazonaws.com')).toBe(
        'denied',
      );
    }
  }
});

it('secrets: Lockstep’s own roles have the rights of the table in contracts, and not one more', () => {
  for (const environment of example().environments) {
    const grants = vaultGrants(environment.declared.inventory);
    for (const { properties } of environment.ofType('AWS::SecretsManager::Secret')) {
      const secret = text(properties['Name']);
      for (const { name } of rolesOf(environment)) {
        const role = roleArn(environment.account, environment.name, name as FunctionName);
        const granted = grants
          .filter((grant) => grant.secret === secret && grant.function === name)
          .flatMap(({ rights }) => rights);
        for (const right of RIGHTS) {
          // Neither tells a value, so that nobody else does it is left to IAM.
          const isHarmless = right === 'DescribeSecret' || right === 'ListSecretVersionIds';
          const otherwise = isHarmless ? 'silent' : 'denied';
          expect(verdict(environment, secret, right, role), `${name} ${right} ${secret}`).toBe(
            granted.includes(right) ? 'allowed' : otherwise,
          );
        }
      }
    }
  }
});

it('secrets: a role with one of our names and another account or path is a stranger', () => {
  for (const environment of example().environments) {
    const secret = secretName(environment.name, 'vector-store');
    const own = roleArn(environment.account, environment.name, 'target-postgres');
    expect(verdict(environment, secret, 'GetSecretValue', own)).toBe('allowed');
    expect(
      verdict(environment, secret, 'GetSecretValue', own.replace(`/lockstep/${environment.name}/`, '/')),
    ).toBe('denied');
    expect(
      verdict(environment, secret, 'GetSecretValue', own.replace(environment.account, '999999999999')),
    ).toBe('denied');
  }
});

it('secrets: adopters put a first value and cannot read any', () => {
  for (const environment of example().environments)
    for (const { name, adopters } of environment.declared.inventory.credentials)
      for (const adopter of adopters) {
        const secret = secretName(environment.name, name);
        expect(verdict(environment, secret, 'PutSecretValue', adopter)).toBe('allowed');
        expect(verdict(environment, secret, 'GetSecretValue', adopter)).toBe('denied');
      }
});

it('secrets: who supplies a lease authority puts it and makes it current, and reads it as little as anybody but its function', () => {
  for (const environment of example().environments)
    for (const { name, adopters } of accessOf(environment.declared.inventory).leaseAuthorities) {
      const secret = secretName(environment.name, name);
      const says = (right: VaultRight, principal: string) => verdict(environment, secret, right, principal);
      expect(adopters.length).toBeGreaterThan(0);
      for (const adopter of adopters) {
        expect(says('PutSecretValue', adopter)).toBe('allowed');
        expect(says('UpdateSecretVersionStage', adopter)).toBe('allowed');
        expect([says('GetSecretValue', adopter), says('RotateSecret', adopter)]).toEqual([
          'denied',
          'denied',
        ]);
      }
      for (const { principal } of environment.declared.inventory.workloads)
        expect([says('GetSecretValue', principal), says('PutSecretValue', principal)]).toEqual([
          'denied',
          'denied',
        ]);
    }
});

it('secrets: who may put the first value of a credential never says which version of it is current', () => {
  for (const environment of example().environments)
    for (const { name, adopters } of environment.declared.inventory.credentials)
      for (const adopter of adopters)
        expect(
          verdict(environment, secretName(environment.name, name), 'UpdateSecretVersionStage', adopter),
        ).toBe('denied');
});

it('secrets: nobody deletes one before its policy is taken away on purpose', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::SecretsManager::Secret'))
      expect(
        verdict(
          environment,
          text(properties['Name']),
          'DeleteSecret',
          `arn:aws:iam::${environment.account}:role/Administrator`,
        ),
      ).toBe('denied');
});

it('secrets: names no role as a principal, since Secrets Manager refuses one that does not exist yet', () => {
  for (const environment of example().environments)
    for (const policy of environment.ofType('AWS::SecretsManager::ResourcePolicy'))
      for (const { Principal } of documentOf(policy).Statement)
        expect([{ AWS: '*' }, { AWS: `arn:aws:iam::${environment.account}:root` }]).toContainEqual(Principal);
});

it('secrets: is encrypted with the vault’s key, which serves our secrets and nothing else', () => {
  for (const environment of example().environments) {
    const keys = environment.ofType('AWS::KMS::Key').filter(({ stack }) => stack === 'vault');
    expect(keys).toHaveLength(1);
    const [key] = keys;
    if (!key) continue;
    const arn = text(environment.resolve('vault', { 'Fn::GetAtt': [key.id, 'Arn'] }));
    for (const secret of environment.ofType('AWS::SecretsManager::Secret'))
      expect(secret.properties['KmsKeyId']).toBe(arn);
    const document = key.properties['KeyPolicy'] as unknown as Policy;
    const reader = environment.declared.inventory.workloads[0]?.principal ?? '';
    const decrypt = (via: string, secret: string) =>
      verdictOf(
        document,
        {
          action: 'kms:Decrypt',
          resource: '*',
          context: {
            'kms:CallerAccount': environment.account,
            'kms:ViaService': `${via}.${environment.region}.amazonaws.com`,
            'kms:EncryptionContext:SecretARN': `arn:aws:secretsmanager:${environment.region}:${environment.account}:secret:${secret}-AbCdEf`,
          },
        },
        reader,
      );
    expect(decrypt('secretsmanager', secretName(environment.name, 'vector-store'))).toBe('allowed');
    expect(decrypt('secretsmanager', 'somebody/elses')).toBe('silent');
    expect(decrypt('s3', secretName(environment.name, 'vector-store'))).toBe('silent');
  }
});
