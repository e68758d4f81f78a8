import { expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyFunction } from '../deployed-functions.ts';
import { example } from '../the-example.ts';

/** Anything that would make up, carry or change a value while it is deployed. */
const ACTS = [
  'GenerateSecretString',
  'SecretString',
  'RotationLambdaARN',
  'RotationRules',
  'HostedRotationLambda',
  '{{resolve:secretsmanager',
  '{{resolve:ssm-secure',
];
const ACTING_TYPES = [
  'AWS::SecretsManager::RotationSchedule',
  'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::CloudFormation::CustomResource',
  'AWS::CloudFormation::Macro',
  'AWS::Lambda::Invocation',
];

// Deploying never rotates and never writes a value.

it('deploying: makes up no value and configures no rotation', () => {
  for (const environment of example().environments)
    for (const { template, stackName } of environment.stacks) {
      const text = JSON.stringify(template);
      expect(
        ACTS.filter((act) => text.includes(act)),
        `of ${stackName}`,
      ).toEqual([]);
    }
});

it('deploying: runs nothing: no custom resource, no macro, no function that CloudFormation calls', () => {
  for (const environment of example().environments) {
    const types = environment.resources.map(({ type }) => type);
    expect(types.filter((type) => ACTING_TYPES.includes(type) || type.startsWith('Custom::'))).toEqual([]);
    for (const { template, stackName } of environment.stacks) {
      expect(template as object, `of ${stackName}`).not.toHaveProperty('Transform');
      expect(JSON.stringify(template)).not.toContain('Fn::Transform');
    }
  }
});

it('deploying: starts no clock at the moment of deploying: a rate of Scheduler without a start would fire at once', () => {
  for (const environment of example().environments) {
    const schedules = environment.ofType('AWS::Scheduler::Schedule');
    expect(schedules.length).toBe(environment.declared.inventory.credentials.length);
    for (const { properties } of schedules) expect(properties['ScheduleExpression']).toMatch(/^cron\(/);
  }
});

it('deploying: has no template parameter through which a value could be handed in, and puts nothing into its outputs but addresses', () => {
  for (const environment of example().environments)
    for (const { template, stackName } of environment.stacks) {
      const { Parameters: parameters = {} } = template as { readonly Parameters?: object };
      expect(
        Object.keys(parameters).filter((name) => name !== 'BootstrapVersion'),
        `of ${stackName}`,
      ).toEqual([]);
    }
});

/** All that lies in any asset: code, what is declared, what is decided by, and the engine that decides. */
const FILES = ['index.mjs', 'index.mjs.map', 'inventory.json', 'policies.json', 'cedar_wasm_bg.wasm'];

it('deploying: carries no value in the assets beside the templates', () => {
  for (const { folder, name } of everyFunction(example())) {
    const files = readdirSync(folder);
    expect(
      files.filter((file) => !FILES.includes(file)),
      `of ${name}`,
    ).toEqual([]);
    const said = files
      .filter((file) => file.endsWith('.json'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n');
    expect(said).not.toMatch(/"password"|whsec_|sk-[A-Za-z0-9]{8}|BEGIN [A-Z ]*PRIVATE KEY/i);
  }
});
