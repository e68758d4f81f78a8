import { CfnResource, Stack, Validations, type App } from 'aws-cdk-lib';
import { CfnRole, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkedApp } from '../../../lib/checked-app.ts';
import { SiteRole } from '../../../lib/rights/site-role.ts';
import type { Site } from '../../../lib/site.ts';
import { context, exampleEnvironments } from '../synthesized-app.ts';

/** Synthesizes an app that holds one thing more, and says what came of it. */
function whatHappensTo(add: (stack: Stack) => void): string {
  const outdir = mkdtempSync(join(tmpdir(), 'lockstep-finding-'));
  try {
    const app: App = checkedApp({ outdir, context: context() });
    add(new Stack(app, 'Probe', { env: { account: '111111111111', region: 'eu-central-1' } }));
    app.synth();
    return 'passed';
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const aSite = (): Site => {
  const [environment] = exampleEnvironments();
  if (!environment) throw new Error('no environment');
  return { ...environment, code: { of: () => expect.fail('no code is asked for') } };
};

const wildcardRole = (stack: Stack): CfnRole =>
  new CfnRole(stack, 'Role', {
    assumeRolePolicyDocument: new PolicyDocument({
      statements: [
        new PolicyStatement({
          actions: ['sts:AssumeRole'],
          principals: [new ServicePrincipal('ec2.amazonaws.com')],
        }),
      ],
    }),
    policies: [
      {
        policyName: 'all',
        policyDocument: new PolicyDocument({
          statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })],
        }),
      },
    ],
  });

// The example passes all checks; these say that the checks are on.

it('findings: a stack in order passes', () => {
  expect(
    whatHappensTo((stack) => new CfnResource(stack, 'Group', { type: 'AWS::Scheduler::ScheduleGroup' })),
  ).toBe('passed');
});

it('findings: a rule of cdk-nag that is broken ends the synthesis', () => {
  expect(whatHappensTo((stack) => new Bucket(stack, 'Open'))).toContain('AwsSolutions-S10');
});

it('findings: a wildcard that nobody explained ends the synthesis', () => {
  expect(whatHappensTo(wildcardRole)).toContain('AwsSolutions-IAM5');
});

it('findings: an acknowledgement covers the one resource that it names', () => {
  const explained = (id: string) =>
    whatHappensTo((stack) =>
      Validations.of(wildcardRole(stack)).acknowledge({ id, reason: 'for this test' }),
    );
  expect(explained('AwsSolutions-IAM5[Resource::*]')).toBe('passed');
  expect(explained('AwsSolutions-IAM5[Resource::arn:aws:s3:::other/*]')).toContain('AwsSolutions-IAM5');
});

it.each([
  ['a property that does not exist', { Colour: 'green' }],
  ['a value of the wrong type', { MessageRetentionPeriod: 'for ever' }],
])('findings: %s is refused before CloudFormation sees it', (_what, properties) => {
  expect(
    whatHappensTo((stack) => new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue', properties })),
  ).not.toBe('passed');
});

it('findings: a right with a wildcard and no reason is refused where it is given', () => {
  const said = whatHappensTo((stack) => {
    const role = new SiteRole(stack, 'Role', {
      site: aSite(),
      name: 'probe',
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'probe',
    });
    role.allow({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::bucket/*'] });
  });
  expect(said).toContain('holds a wildcard and no reason');
});

it('findings: a role that grows beyond what IAM takes is refused with a word', () => {
  const said = whatHappensTo((stack) => {
    const role = new SiteRole(stack, 'Role', {
      site: aSite(),
      name: 'probe',
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'probe',
    });
    role.allow({
      actions: ['s3:GetObject'],
      resources: Array.from(
        { length: 300 },
        (_, index) => `arn:aws:s3:::bucket-with-a-long-name-${index}/object`,
      ),
    });
  });
  expect(said).toContain('IAM takes 10240');
});
