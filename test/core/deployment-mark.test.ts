import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentMark, isDeploymentMark } from '../../lambdas/core/deployment-mark.ts';

describe('the mark of a deployment', () => {
  it('stays the same over releases: it is in names at targets that nobody renames', () => {
    expect(deploymentMark('aws', '111122223333', 'eu-central-1', 'staging')).toBe('jnfzmh2h');
    expect(deploymentMark('embedded', 'ab'.repeat(32), 'local')).toBe('0ef7x4hj');
  });

  it('is eight characters that every target takes in a name', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (identity) => {
        expect(deploymentMark(...identity)).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/);
        expect(isDeploymentMark(deploymentMark(...identity))).toBe(true);
      }),
    );
    for (const other of ['', '5hm4rk0', '5hm4rk0aa', '5HM4RK0A', '5hm4rk0u', '5hm4rk0%', '5hm4rk0\n'])
      expect(isDeploymentMark(other)).toBe(false);
  });

  it('is another one in another account, region or environment, and wherever else a name ends', () => {
    const others = [
      ['aws', '111122223333', 'eu-central-1', 'staging'],
      ['aws', '111122223334', 'eu-central-1', 'staging'],
      ['aws', '111122223333', 'eu-central-2', 'staging'],
      ['aws', '111122223333', 'eu-central-1', 'production'],
      ['embedded', '111122223333', 'eu-central-1', 'staging'],
      ['aws', '111122223333', 'eu-central-1staging'],
      ['aws', '111122223333', 'eu-central-1', 'staging', ''],
      ['aws', '111122223333\neu-central-1', 'staging'],
    ];
    expect(new Set(others.map((identity) => deploymentMark(...identity))).size).toBe(others.length);
  });
});
