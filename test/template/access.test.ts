import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALARMS } from '../../lambdas/core/alarms.ts';
import { mayByIdentity, verdictOf } from '../rights/one-policy.ts';
import { aWorkspace } from '../contracts/inventory/a-workspace.ts';
import { aBucket, accessWith } from '../contracts/inventory/access/an-access-workspace.ts';
import { functionsIn } from './deployed-functions.ts';
import { examplePolicies } from './example-policies.ts';
import { functionArn } from './offered-policies.ts';
import { resourcePoliciesOf } from './resource-policies.ts';
import { roleOf, rolesOf } from './roles.ts';
import { synthesizeWorkspace, type SynthesizedApp } from './synthesized-app.ts';
import type { SynthesizedEnvironment } from './synthesized-environment.ts';
import { text } from './text-of.ts';
import { usedIn, usedInVectors } from './what-policies-use.ts';

const apps: SynthesizedApp[] = [];
let leasing: SynthesizedEnvironment;
afterAll(() => apps.forEach((app) => app.dispose()));

function staging(workspace: unknown, policies?: string): SynthesizedEnvironment {
  const app = synthesizeWorkspace(workspace, {
    only: 'staging',
    ...(policies === undefined ? {} : { policies }),
  });
  apps.push(app);
  const [environment] = app.environments;
  if (!environment) throw new Error('no staging');
  return environment;
}

describe('a workspace in which nothing can be leased', () => {
  let environment: SynthesizedEnvironment;
  beforeAll(() => {
    environment = staging(aWorkspace());
  }, 300_000);

  it('has no stack for it, and no word of it in any other', () => {
    const names = environment.stacks.map(({ stackName }) => stackName);
    expect(names.filter((name) => name.endsWith('-access'))).toEqual([]);
    expect(names).toHaveLength(6);
    const words = environment.stacks.flatMap(({ template }) => [
      ...JSON.stringify(template).matchAll(/.{0,40}(?:\blease|expiries|asker|supplier).{0,40}/gi),
    ]);
    expect(words.map(([around]) => around)).toEqual([]);
  });

  it('has the alarms of rotations, and none that nobody would ever feed', () => {
    const names = environment
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ properties }) => text(properties['AlarmName']));
    const raised = ALARMS.filter(({ id }) => names.includes(`lockstep-staging-${id}`));
    expect(raised).toEqual(ALARMS.filter(({ onlyWithLeases }) => onlyWithLeases !== true));
    expect(raised.length).toBeLessThan(ALARMS.length);
  });
});

beforeAll(() => {
  leasing = staging(accessWith({ 'leases.documents': aBucket() }), examplePolicies());
}, 300_000);

describe('the second URL, where issuers are declared for callers,', () => {
  const urls = () => leasing.ofType('AWS::Lambda::Url').map(({ properties }) => properties);

  it('is at an alias of its own, and no other is without a signature', () => {
    const open = urls().filter(({ AuthType: how }) => how !== 'AWS_IAM');
    expect(open.map(({ AuthType: how, Qualifier: alias }) => [how, alias])).toEqual([['NONE', 'tokens']]);
    expect(text(open[0]?.['TargetFunctionArn'])).toBe(functionArn(leasing, 'grant-lease'));
    expect(urls().filter(({ Qualifier: alias }) => alias === 'live')).toHaveLength(2);
  });

  it('is for everybody, by URL alone: nobody may invoke its alias, and nothing else is open', () => {
    const policies = resourcePoliciesOf(leasing);
    const tokens = functionArn(leasing, 'grant-lease:tokens');
    const stranger = 'arn:aws:iam::999999999999:role/stranger';
    const says = (
      to: string,
      action: string,
      context: Readonly<Record<string, string | null>>,
    ): string | undefined => {
      const policy = policies.get(to);
      return policy && verdictOf(policy.document, { action, resource: to, context }, stranger);
    };
    const viaUrl = { 'lambda:InvokedViaFunctionUrl': 'true' };
    const directly = { 'lambda:InvokedViaFunctionUrl': null };
    const none = { 'lambda:FunctionUrlAuthType': 'NONE' };
    expect(says(tokens, 'lambda:InvokeFunctionUrl', none)).toBe('allowed');
    expect(says(tokens, 'lambda:InvokeFunction', viaUrl)).toBe('allowed');
    expect(says(tokens, 'lambda:InvokeFunction', directly)).toBe('silent');
    expect(says(tokens, 'lambda:InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': 'AWS_IAM' })).toBe(
      'silent',
    );
    const others = [...policies.keys()].filter(
      (arn) => arn.includes(':function:') && arn !== tokens && !/:function:[\w-]+-target-\w+$/.test(arn),
    );
    expect(others).toEqual([]);
  });

  it('uses nothing in its policy that is in no vector, with which the evaluators of others agree', () => {
    const known = usedInVectors();
    expect(usedIn(leasing)).toContain('Bool lambda:InvokedViaFunctionUrl');
    expect(usedIn(leasing).filter((each) => !known.has(each))).toEqual([]);
  });

  it('leads into a function whose room is bounded, so that whoever floods it takes none from other functions', () => {
    const broker = functionsIn(leasing).find(({ name }) => name === 'grant-lease');
    expect(Number(broker?.resource.properties['ReservedConcurrentExecutions'])).toBeGreaterThan(0);
  });
});

describe('a role that is leased', () => {
  it('lets the function for such in as far as it is declared, and nobody else anywhere', () => {
    const [declared, other] = [
      'arn:aws:iam::111111111111:role/bucket-reader',
      'arn:aws:iam::111111111111:role/administrator',
    ];
    for (const action of ['sts:AssumeRole', 'sts:TagSession']) {
      const holders = (resource: string): readonly string[] =>
        rolesOf(leasing)
          .filter(({ statements }) => mayByIdentity(statements, { action, resource }))
          .map(({ name }) => name);
      expect([holders(declared), holders(other)]).toEqual([['lease-aws-session'], []]);
    }
    const { statements } = roleOf(leasing, 'lease-aws-session');
    expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sts:AssumeRole',
      'sts:TagSession',
    ]);
  });

  it('has no alias to prove by where no authority is stored', () => {
    const aliases = leasing
      .ofType('AWS::Lambda::Alias')
      .map(({ properties }) => `${text(properties['FunctionName'])}:${text(properties['Name'])}`)
      .filter((each) => each.includes('-lease-'));
    expect(aliases).toEqual(['lockstep-staging-lease-openai:prove']);
  });
});
