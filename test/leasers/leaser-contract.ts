import { describe, expect, it } from 'vitest';
import { eachTime } from '../ports/under-test.ts';
import { describeAuthority } from './contract/authority.ts';
import { describeDeployments } from './contract/deployments.ts';
import { describeEnding } from './contract/ending.ts';
import { describeIssuing } from './contract/issuing.ts';
import { describeListing } from './contract/listing.ts';
import type { LeaserSuite, Under } from './contract/subject.ts';
import { describeTimes } from './contract/times.ts';

/**
 * What every kind of lease has to do at its target, whatever the target is. Nothing here knows a kind: what it cannot do
 * its capabilities say, and then it has to say so too.
 */
export function describeLeaserContract(suite: LeaserSuite): void {
  describe(`${suite.name} keeps the contract of a leaser`, () => {
    const under: Under = { ...suite, subject: eachTime(suite.make) };
    it('can do what its kind says, and no more', () => {
      expect(under.subject().leaser.capabilities).toEqual(suite.capabilities);
    });
    describeIssuing(under);
    describeEnding(under);
    describeTimes(under);
    describeListing(under);
    if (suite.capabilities.listsOurs) describeDeployments(under);
    if (suite.traits.includes('authority')) describeAuthority(under);
  });
}
