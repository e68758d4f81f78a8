import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { roleArn } from '../../lambdas/contracts/names.ts';
import { vaultGrants, type VaultRight } from '../../lambdas/contracts/vault-rights.ts';
import type { Site } from '../site.ts';

/** Who may do what with one secret: ARNs of principals, by right. */
type Holders = ReadonlyMap<VaultRight, readonly string[]>;

/** The secret that a policy is for. */
export interface PolicySubject {
  readonly site: Site;
  readonly secret: string;
  /** Principals of the workloads that are bound to it. */
  readonly readers: readonly string[];
  /** Principals who may put a value. */
  readonly adopters: readonly string[];
  /** Those of them who also say which value is current: of a lease authority, which no function rotates. */
  readonly suppliers: readonly string[];
}

/** What reads or changes a value. Nobody does it who is not named. */
const GUARDED: readonly VaultRight[] = [
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'RotateSecret',
];

/**
 * The policy of one secret: who is bound to it, who of Lockstep works with it, and nobody else, whatever IAM allows
 * them.
 *
 * Principals are the account and a condition, never roles: Secrets Manager refuses a policy that names a role which
 * does not exist yet, and forgets one that is deleted and made again. Never by tag: a session can claim one.
 * `UpdateSecret` stays open, because CloudFormation needs it to change a description; the watch sees it.
 */
export function secretPolicy(subject: PolicySubject): PolicyDocument {
  const holders = holdersOf(subject);
  return new PolicyDocument({
    statements: [onlyWithTls(), neverDeleted(), ...denials(holders), ...allowances(holders)],
  });
}

function holdersOf({ site, secret, readers, adopters, suppliers }: PolicySubject): Holders {
  const { inventory, deployment } = site;
  const holders = new Map<VaultRight, string[]>();
  const add = (right: VaultRight, principals: readonly string[]): void => {
    const known = holders.get(right) ?? [];
    holders.set(right, [...new Set([...known, ...principals])]);
  };
  for (const right of ['GetSecretValue', 'DescribeSecret'] as const) add(right, readers);
  for (const right of ['PutSecretValue', 'DescribeSecret'] as const) add(right, adopters);
  add('UpdateSecretVersionStage', suppliers);
  for (const grant of vaultGrants(inventory)) {
    if (grant.secret !== secret) continue;
    const role = roleArn(deployment.account, inventory.environment, grant.function);
    for (const right of grant.rights) add(right, [role]);
  }
  return holders;
}

const onlyWithTls = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyWithTls',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['secretsmanager:*'],
    resources: ['*'],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });

/** A secret that is deleted by a slip leaves its dependents without any value. Who means it takes this policy away first. */
const neverDeleted = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'NeverDeletedBySlip',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['secretsmanager:DeleteSecret'],
    resources: ['*'],
  });

const denials = (holders: Holders): readonly PolicyStatement[] =>
  GUARDED.map((right) => {
    const named = holders.get(right) ?? [];
    return new PolicyStatement({
      sid: `NobodyElse${right}`,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: [`secretsmanager:${right}`],
      resources: ['*'],
      ...(named.length > 0 ? { conditions: { ArnNotEquals: { 'aws:PrincipalArn': named } } } : {}),
    });
  });

const allowances = (holders: Holders): readonly PolicyStatement[] =>
  [...holders].flatMap(([right, principals]) =>
    principals.length === 0
      ? []
      : [
          new PolicyStatement({
            sid: `Named${right}`,
            principals: [new AccountRootPrincipal()],
            actions: [`secretsmanager:${right}`],
            resources: ['*'],
            conditions: { ArnEquals: { 'aws:PrincipalArn': principals } },
          }),
        ],
  );
