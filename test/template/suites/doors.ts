import { expect, it } from 'vitest';
import { GUARDED_ORDERS } from '../../../lambdas/contracts/orders.ts';
import { mayByIdentity } from '../../rights/one-policy.ts';
import { functionArn, offered, ways } from '../offered-policies.ts';
import { roleOf, rolesOf } from '../roles.ts';
import { example } from '../the-example.ts';
import { text } from '../text-of.ts';

// Who may call what from outside: signed, through URLs, each order that is a permission of its own by its own door.

it('doors: every URL asks for a signature, and only acknowledge, report, the broker and the doors of operate have one', () => {
  for (const environment of example().environments) {
    const urls = environment.ofType('AWS::Lambda::Url').map(({ properties }) => properties);
    for (const { AuthType: how } of urls) expect(how).toBe('AWS_IAM');
    const to = urls.map(
      ({ TargetFunctionArn: arn, Qualifier: alias }) =>
        `${text(arn).split(':').at(6) ?? ''}${alias === undefined ? '' : `:${text(alias)}`}`,
    );
    const expected = [
      'acknowledge',
      'report',
      'grant-lease:live',
      ...['live', ...GUARDED_ORDERS].map((alias) => `operate:${alias}`),
    ];
    expect(to.sort()).toEqual(expected.map((each) => `lockstep-${environment.name}-${each}`).sort());
  }
});

it('doors: nobody is let in by a function’s own policy: callers need leave of their own', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::Lambda::Permission'))
      expect(properties['Principal']).toBe('secretsmanager.amazonaws.com');
});

it('doors: an operator’s policy opens the door of ordinary orders and the reports, and none of the guarded ones', () => {
  for (const environment of example().environments) {
    const operator = offered(environment, 'operator');
    expect(ways(environment, operator, 'operate:live')).toEqual({ byUrl: true, directly: false });
    expect(ways(environment, operator, 'report')).toEqual({ byUrl: true, directly: false });
    for (const order of GUARDED_ORDERS)
      expect(ways(environment, operator, `operate:${order}`)).toEqual({ byUrl: false, directly: false });
    expect(ways(environment, operator, 'operate')).toEqual({ byUrl: false, directly: false });
  }
});

it.each(GUARDED_ORDERS)('doors: the order %s is a permission of its own', (order) => {
  for (const environment of example().environments) {
    const guarded = offered(environment, `operator-${order}`);
    for (const door of ['live', ...GUARDED_ORDERS])
      expect(ways(environment, guarded, `operate:${door}`).byUrl).toBe(door === order);
    expect(ways(environment, guarded, `operate:${order}`).directly).toBe(false);
  }
});

it('doors: a reporter’s policy opens the reports and nothing else', () => {
  for (const environment of example().environments) {
    const reporter = offered(environment, 'reporter');
    expect(ways(environment, reporter, 'report').byUrl).toBe(true);
    for (const other of ['operate:live', 'acknowledge', 'append-audit'])
      expect(ways(environment, reporter, other)).toEqual({ byUrl: false, directly: false });
  }
});

it('doors: a workload’s policy reads what it is bound to, and lets it acknowledge', () => {
  for (const environment of example().environments) {
    const { workloads, credentials } = environment.declared.inventory;
    for (const { name } of workloads) {
      const policy = offered(environment, `workload-${name}`);
      expect(ways(environment, policy, 'acknowledge')).toEqual({ byUrl: true, directly: false });
      for (const credential of credentials) {
        const resource = `arn:aws:secretsmanager:${environment.region}:${environment.account}:secret:lockstep/${environment.name}/${credential.name}-AbCdEf`;
        expect(mayByIdentity(policy, { action: 'secretsmanager:GetSecretValue', resource })).toBe(
          credential.boundTo.includes(name),
        );
        expect(mayByIdentity(policy, { action: 'secretsmanager:PutSecretValue', resource })).toBe(false);
      }
    }
  }
});

it('doors: offered policies are attached to nobody', () => {
  for (const environment of example().environments)
    for (const { properties } of environment.ofType('AWS::IAM::ManagedPolicy'))
      for (const field of ['Roles', 'Users', 'Groups']) expect(properties[field]).toBeUndefined();
});

it('doors: append-audit is run by whoever writes down what it does, and by no other role', () => {
  for (const environment of example().environments) {
    const callers = rolesOf(environment).filter(({ statements }) =>
      mayByIdentity(statements, {
        action: 'lambda:InvokeFunction',
        resource: functionArn(environment, 'append-audit'),
      }),
    );
    expect(callers.map(({ name }) => name).sort()).toEqual(
      [
        'advance-rotation',
        'detect-access',
        'grant-lease',
        'operate',
        'reconcile',
        'request-rotation',
        'start-rotation',
        'sweep-leases',
        'target-openai',
        'target-postgres',
        'target-random',
      ].sort(),
    );
  }
});

it('doors: target functions are run by whoever has work for them, and by no other role', () => {
  for (const environment of example().environments)
    for (const family of ['postgres', 'openai', 'random']) {
      const callers = rolesOf(environment).filter(({ statements }) =>
        mayByIdentity(statements, {
          action: 'lambda:InvokeFunction',
          resource: functionArn(environment, `target-${family}`),
        }),
      );
      expect(callers.map(({ name }) => name).sort()).toEqual([
        'advance-rotation',
        'operate',
        'reconcile',
        'start-rotation',
      ]);
    }
});

it('doors: only target functions write what is expected, and only acknowledge writes proofs of it', () => {
  for (const environment of example().environments) {
    const table = environment.ofType('AWS::DynamoDB::GlobalTable').find(({ stack }) => stack === 'rotation');
    const arn = text(environment.resolve('rotation', { 'Fn::GetAtt': [table?.id, 'Arn'] }));
    const writersOf = (family: string) =>
      rolesOf(environment)
        .filter(({ statements }) =>
          ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].some((action) =>
            mayByIdentity(statements, {
              action: `dynamodb:${action}`,
              resource: arn,
              context: { 'dynamodb:LeadingKeys': [`${family}#vector-store`] },
            }),
          ),
        )
        .map(({ name }) => name)
        .sort();
    expect(writersOf('expectation')).toEqual(['target-openai', 'target-postgres', 'target-random']);
    expect(writersOf('acknowledgement')).toEqual(['acknowledge']);
    // The broker finds who asks about another's lease, or shows a token twice.
    expect(writersOf('finding')).toEqual(['detect-access', 'grant-lease']);
    expect(writersOf('delivery')).toEqual(['tell-webhook']);
    // A lock only keeps others waiting. These two hold it while they give a rotation up, so that none is promoted meanwhile.
    const targets = ['target-openai', 'target-postgres', 'target-random'];
    expect(writersOf('lock')).toEqual(['operate', 'reconcile', ...targets]);
    // A request without a key is no way around it.
    const [first] = rolesOf(environment);
    for (const { statements } of rolesOf(environment))
      expect(
        mayByIdentity(statements, {
          action: 'dynamodb:PutItem',
          resource: arn,
          context: { 'dynamodb:LeadingKeys': null },
        }),
      ).toBe(false);
    expect(first).toBeDefined();
  }
});

it('doors: only the function of a family reads its authorities', () => {
  for (const environment of example().environments)
    for (const { name, family, boundTo } of environment.declared.inventory.credentials) {
      if (boundTo.length > 0) continue;
      const resource = `arn:aws:secretsmanager:${environment.region}:${environment.account}:secret:lockstep/${environment.name}/${name}-AbCdEf`;
      const readers = rolesOf(environment).filter(({ statements }) =>
        mayByIdentity(statements, { action: 'secretsmanager:GetSecretValue', resource }),
      );
      expect(readers.map((role) => role.name)).toEqual([`target-${family}`]);
      expect(roleOf(environment, 'report')).toBeDefined();
    }
});
