import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPolicyEngine } from '../../../lambdas/cedar/cedar-engine.ts';
import { parsePolicyBundle } from '../../../lambdas/cedar/policy-bundle.ts';
import { PROVE_ALIAS } from '../../../lambdas/contracts/lease-request.ts';
import { accessOf } from '../../../lambdas/core/access/access-inventory.ts';
import type { Family } from '../../../lambdas/core/ports/ledger.ts';
import { mayByIdentity, verdictOf } from '../../rights/one-policy.ts';
import { listOf, type Statement } from '../../rights/policy.ts';
import { functionsIn } from '../deployed-functions.ts';
import { functionArn, offered, ways } from '../offered-policies.ts';
import { resourcePoliciesOf } from '../resource-policies.ts';
import { roleOf, rolesOf } from '../roles.ts';
import type { SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';
import { example } from '../the-example.ts';

const KINDS = ['openai', 'postgres'] as const;
const LEASE_FUNCTIONS = KINDS.map((kind) => `lease-${kind}` as const);

const secretArn = ({ region, account, name }: SynthesizedEnvironment, of: string): string =>
  `arn:aws:secretsmanager:${region}:${account}:secret:lockstep/${name}/${of}-AbCdEf`;

const ledgerArn = (environment: SynthesizedEnvironment): string => {
  const table = environment.ofType('AWS::DynamoDB::GlobalTable').find(({ stack }) => stack === 'rotation');
  return text(environment.resolve('rotation', { 'Fn::GetAtt': [table?.id, 'Arn'] }));
};

const actionsOf = (statements: readonly Statement[]): readonly string[] =>
  [...new Set(statements.flatMap(({ Action }) => listOf(Action)))].sort();

// Leases: each function has exactly what it needs for its part, and the parts never meet.

it('leases: only the function of a kind reads what makes its leases: no broker, no target function, nobody of another kind', () => {
  for (const environment of example().environments)
    for (const { name, kind } of accessOf(environment.declared.inventory).leaseAuthorities) {
      const mayRead = rolesOf(environment).filter(({ statements }) =>
        mayByIdentity(statements, {
          action: 'secretsmanager:GetSecretValue',
          resource: secretArn(environment, name),
        }),
      );
      expect(mayRead.map((role) => role.name)).toEqual([`lease-${kind}`]);
      // And the secret's own policy lets nobody else in, whatever a role may one day be given.
      const policy = resourcePoliciesOf(environment).get(secretArn(environment, name));
      const letIn = rolesOf(environment).filter(({ arn }) => {
        const read = {
          action: 'secretsmanager:GetSecretValue',
          resource: '*',
          context: { 'aws:SecureTransport': 'true' },
        };
        return policy && verdictOf(policy.document, read, arn) !== 'denied';
      });
      expect(letIn.map((role) => role.name)).toEqual([`lease-${kind}`]);
    }
});

it.each(LEASE_FUNCTIONS)(
  'leases: %s reads its authority and writes its log, and can do nothing else: no ledger, no audit, no bus',
  (name) => {
    for (const environment of example().environments)
      expect(actionsOf(roleOf(environment, name).statements)).toEqual([
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'secretsmanager:GetSecretValue',
      ]);
  },
);

it.each(LEASE_FUNCTIONS)('leases: %s reads no credential that rotates', (name) => {
  for (const environment of example().environments)
    for (const credential of environment.declared.inventory.credentials)
      expect(
        mayByIdentity(roleOf(environment, name).statements, {
          action: 'secretsmanager:GetSecretValue',
          resource: secretArn(environment, credential.name),
        }),
      ).toBe(false);
});

it.each(['grant-lease', 'sweep-leases'] as const)(
  'leases: %s reaches no secret and assumes no role',
  (name) => {
    for (const environment of example().environments)
      expect(
        actionsOf(roleOf(environment, name).statements).filter((action) =>
          /^(?:secretsmanager|sts|kms|s3|sns):/.test(action),
        ),
      ).toEqual([]);
  },
);

it('leases: lease functions are run by the broker and the sweeper, and by no other role', () => {
  for (const environment of example().environments)
    for (const name of LEASE_FUNCTIONS) {
      const callers = rolesOf(environment).filter(({ statements }) =>
        mayByIdentity(statements, {
          action: 'lambda:InvokeFunction',
          resource: functionArn(environment, name),
        }),
      );
      expect(callers.map((role) => role.name).sort()).toEqual(['grant-lease', 'sweep-leases']);
    }
});

it('leases: nothing runs the broker or the sweeper by itself, no other function of ours included', () => {
  for (const environment of example().environments)
    for (const name of ['grant-lease', 'grant-lease:live', 'grant-lease:tokens', 'sweep-leases'])
      for (const { statements } of rolesOf(environment))
        for (const action of ['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'])
          expect(mayByIdentity(statements, { action, resource: functionArn(environment, name) })).toBe(false);
});

const OF_LEASES: readonly Family[] = [
  'lease',
  'lease-index',
  'lease-due',
  'lease-ending',
  'lease-target',
  'lease-known',
  'lease-swept',
  'lease-quota',
  'lease-ask',
  'lease-order',
  'lease-review',
  'approval',
  'approval-index',
  'token',
];

it('leases: rows of leases are written by the broker and the sweeper alone; approvals, asks and used tokens by the broker alone', () => {
  const brokersOwn: readonly Family[] = ['lease-ask', 'lease-known', 'approval', 'approval-index', 'token'];
  const sweepersOwn: readonly Family[] = ['lease-target', 'lease-swept'];
  for (const environment of example().environments)
    for (const family of OF_LEASES) {
      const writers = rolesOf(environment).filter(({ statements }) =>
        ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].some((action) =>
          mayByIdentity(statements, {
            action: `dynamodb:${action}`,
            resource: ledgerArn(environment),
            context: { 'dynamodb:LeadingKeys': [`${family}#vector-reader`] },
          }),
        ),
      );
      const expected = ['grant-lease', 'sweep-leases'].filter(
        (name) => !(name === 'sweep-leases' ? brokersOwn : sweepersOwn).includes(family),
      );
      expect({ family, writers: writers.map(({ name }) => name).sort() }).toEqual({
        family,
        writers: expected,
      });
    }
});

it('leases: neither the broker nor the sweeper writes a row of a rotation', () => {
  for (const environment of example().environments)
    for (const name of ['grant-lease', 'sweep-leases'] as const)
      for (const family of ['credential', 'rotation', 'lock', 'expectation', 'acknowledgement', 'budget'])
        for (const action of ['PutItem', 'DeleteItem'])
          expect(
            mayByIdentity(roleOf(environment, name).statements, {
              action: `dynamodb:${action}`,
              resource: ledgerArn(environment),
              context: { 'dynamodb:LeadingKeys': [`${family}#vector-store`] },
            }),
          ).toBe(false);
});

it('leases: an expired lease is told by a schedule whose role says that and nothing else, in a group that the broker alone fills', () => {
  for (const environment of example().environments) {
    const { region, account, name } = environment;
    const bus = `arn:aws:events:${region}:${account}:event-bus/lockstep-${name}-bus`;
    const { statements } = roleOf(environment, 'expiries' as 'operate');
    const publish = (type: string): boolean =>
      mayByIdentity(statements, {
        action: 'events:PutEvents',
        resource: bus,
        context: { 'events:source': ['lockstep'], 'events:detail-type': [type] },
      });
    expect(['lease.due', 'leases.due', 'rotation.advanced', 'page.requested'].map(publish)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    const setters = (group: string): readonly string[] =>
      rolesOf(environment)
        .filter((role) =>
          mayByIdentity(role.statements, {
            action: 'scheduler:CreateSchedule',
            resource: `arn:aws:scheduler:${region}:${account}:schedule/lockstep-${name}-${group}/one`,
          }),
        )
        .map((role) => role.name);
    expect(setters('expiries')).toEqual(['grant-lease']);
    expect(setters('timers')).toEqual(['advance-rotation']);
  }
});

it('leases: who may ask is let in by the signed door, and by nothing else: not directly, not at lease functions, not at operate', () => {
  for (const environment of example().environments) {
    const asker = offered(environment, 'asker');
    expect(ways(environment, asker, 'grant-lease:live')).toEqual({ byUrl: true, directly: false });
    const others = ['grant-lease', 'grant-lease:tokens', ...LEASE_FUNCTIONS, 'operate:live', 'sweep-leases'];
    for (const other of [...others, ...LEASE_FUNCTIONS.map((name) => `${name}:${PROVE_ALIAS}`)])
      expect(ways(environment, asker, other), other).toEqual({ byUrl: false, directly: false });
    for (const other of ['operator', 'reporter'])
      expect(ways(environment, offered(environment, other), 'grant-lease:live').byUrl).toBe(false);
  }
});

it('leases: who supplies an authority puts it, makes it current and has it proved; they read none, lease nothing, and supply no other', () => {
  for (const environment of example().environments) {
    const { leaseAuthorities } = accessOf(environment.declared.inventory);
    for (const { name, kind } of leaseAuthorities) {
      const supplier = offered(environment, `supplier-${name}`);
      const may = (action: string, of = name): boolean =>
        mayByIdentity(supplier, { action: `secretsmanager:${action}`, resource: secretArn(environment, of) });
      expect([may('PutSecretValue'), may('UpdateSecretVersionStage'), may('DescribeSecret')]).toEqual([
        true,
        true,
        true,
      ]);
      expect([may('GetSecretValue'), may('RotateSecret'), may('PutSecretValue', 'vector-store')]).toEqual([
        false,
        false,
        false,
      ]);
      for (const other of leaseAuthorities.filter((each) => each.name !== name))
        expect(may('PutSecretValue', other.name)).toBe(false);
      const invokes = (to: string): boolean => ways(environment, supplier, to).directly;
      expect([invokes(`lease-${kind}:${PROVE_ALIAS}`), invokes(`lease-${kind}`)]).toEqual([true, false]);
      expect(invokes('grant-lease')).toBe(false);
    }
  }
});

it('leases: there is an alias to prove by where there is an authority, and its function has no other', () => {
  for (const environment of example().environments) {
    const aliases = environment
      .ofType('AWS::Lambda::Alias')
      .map(({ properties }) => `${text(properties['FunctionName'])}:${text(properties['Name'])}`)
      .filter((each) => each.includes('-lease-'));
    expect(aliases.sort()).toEqual(
      LEASE_FUNCTIONS.map((name) => `lockstep-${environment.name}-${name}:${PROVE_ALIAS}`),
    );
  }
});

it('leases: the broker has the workspace’s policies beside it, and decides by them', () => {
  for (const environment of example().environments) {
    const broker = functionsIn(environment).find(({ name }) => name === 'grant-lease');
    const bundle = parsePolicyBundle(readFileSync(join(broker?.folder ?? '', 'policies.json'), 'utf8'));
    const ids = Object.values(bundle.policies).map(({ file }) => file);
    expect(ids.length).toBeGreaterThan(5);
    for (const file of ids) expect(file).toMatch(/^policies\/[a-z-]+\.cedar$/);
    const engine = openPolicyEngine({ bundle, inventory: environment.declared.inventory });
    const ask = (leasable: string, id: string) =>
      engine.decide({
        principal: { type: 'Agent', id },
        action: 'lease',
        resource: { type: 'Leasable', id: leasable },
        context: {
          environment: environment.name,
          purpose: 'answer-questions',
          ttlSeconds: 900,
          now: 0,
          approvals: [],
          breakGlass: false,
          mfa: false,
        },
      });
    expect([
      ask('model-session', 'research-agent').allowed,
      ask('vector-owner', 'research-agent').allowed,
    ]).toEqual([true, false]);
  }
});
