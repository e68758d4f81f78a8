import { describe, expect, it } from 'vitest';
import { findStage } from '../../cli/workspace/find-stage.ts';
import example from '../../lockstep.config.ts';

const refusal = (workspace: unknown, environment: string): string => {
  try {
    return JSON.stringify(findStage(workspace, environment));
  } catch (error) {
    return String(error);
  }
};

describe('a stage', () => {
  it('is an environment of the file that has an account and a region', () => {
    expect(findStage(example, 'production')).toEqual({
      environment: 'production',
      account: '222222222222',
      region: 'eu-central-1',
    });
  });

  it('is found in a file that is wrong everywhere else: whoever answers a leak must not be kept from it', () => {
    const staging = { account: '111111111111', region: 'us-gov-west-1', trail: 7, onCall: 'nobody' };
    expect(
      findStage({ environments: { staging, broken: null }, credentials: 'none' }, 'staging'),
    ).toMatchObject({
      account: '111111111111',
    });
  });

  it.each([
    ['prodcution', 'did you mean production?'],
    ['elsewhere', 'it declares staging, production'],
    ['local', 'leave --stage out'],
    ['toString', 'declares no environment of that name'],
  ])('has to be declared: %s', (name, says) => {
    expect(refusal(example, name)).toContain(says);
  });

  it.each([
    [undefined, 'the workspace'],
    [{ environments: { staging: {} } }, 'environments.staging: account'],
    [
      { environments: { staging: { account: '1111', region: 'eu-central-1' } } },
      'names no account of twelve digits',
    ],
    [{ environments: { staging: { account: '111111111111', region: 'x.example.com/' } } }, 'and no region'],
  ])('without an account and a region is refused by the path: %j', (workspace, says) => {
    expect(refusal(workspace, 'staging')).toContain(says);
  });
});
