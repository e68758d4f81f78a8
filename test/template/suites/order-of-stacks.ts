import { expect, it } from 'vitest';
import { STACKS, type StackName } from '../../../lambdas/contracts/names.ts';
import { example } from '../the-example.ts';
import type { SynthesizedEnvironment } from '../synthesized-environment.ts';
import { text } from '../text-of.ts';

/** The example has something to lease, so it has all of them. */
const PRESENT: readonly StackName[] = STACKS;

const shortName = (environment: SynthesizedEnvironment, stackName: string): StackName =>
  stackName.slice(`lockstep-${environment.name}-`.length) as StackName;

/** Every stack that a stack's template takes a value from. */
function referencesOf(environment: SynthesizedEnvironment, stack: StackName): readonly string[] {
  const template = JSON.stringify(environment.template(stack));
  return [...template.matchAll(/"Fn::GetStackOutput":\{"StackName":"([^"]+)"/g)].map(([, name]) =>
    shortName(environment, text(name)),
  );
}

// A later stack knows earlier ones, never the other way round, and edits none of their policies.

it('stacks: has every stack that holds something, deployed one after the other in the order of the design', () => {
  for (const environment of example().environments) {
    const names = environment.stacks.map(({ stackName }) => shortName(environment, stackName));
    expect([...names].sort()).toEqual([...PRESENT].sort());
    for (const stack of environment.stacks) {
      const own = PRESENT.indexOf(shortName(environment, stack.stackName));
      const before = stack.dependencies
        .flatMap(({ id }) => environment.stacks.filter((each) => each.id === id))
        .map(({ stackName }) => PRESENT.indexOf(shortName(environment, stackName)));
      // Each waits for the one before it, and for none that comes later.
      expect([...before, own - 1].every((each) => each < own)).toBe(true);
      expect(own === 0 || before.includes(own - 1)).toBe(true);
    }
  }
});

it('stacks: lets a stack take values from those before it only', () => {
  for (const environment of example().environments)
    for (const stack of PRESENT)
      for (const from of referencesOf(environment, stack))
        expect(PRESENT.indexOf(from as StackName)).toBeLessThan(PRESENT.indexOf(stack));
});

it('stacks: holds no stack back by exports: values are read, and an earlier stack can change', () => {
  for (const environment of example().environments)
    for (const stack of PRESENT)
      expect(JSON.stringify(environment.template(stack))).not.toContain('Fn::ImportValue');
});

it('stacks: does take values across stacks: the question is not empty', () => {
  for (const environment of example().environments)
    expect(PRESENT.flatMap((stack) => referencesOf(environment, stack)).length).toBeGreaterThan(10);
});

it('stacks: puts every policy beside the resource that it is for, so that no later stack edits an earlier one’s', () => {
  const beside: Readonly<Record<string, string>> = {
    'AWS::SQS::QueuePolicy': 'Queues',
    'AWS::SNS::TopicPolicy': 'Topics',
    'AWS::S3::BucketPolicy': 'Bucket',
    'AWS::SecretsManager::ResourcePolicy': 'SecretId',
    'AWS::Lambda::Permission': 'FunctionName',
  };
  for (const environment of example().environments)
    for (const [type, field] of Object.entries(beside))
      for (const policy of environment.ofType(type)) {
        const target = JSON.stringify(policy.raw.Properties?.[field]);
        expect(target, `${policy.id} in ${policy.stack}`).toMatch(/^(\[?\{"Ref"|\[?\{"Fn::GetAtt")/);
      }
});
