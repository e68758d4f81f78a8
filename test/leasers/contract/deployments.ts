import { expect, it } from 'vitest';
import { OTHER_MARK } from '../../fakes/marks.ts';
import { codeOf } from '../../ports/under-test.ts';
import { allOurs, issue, listed, requestOf, type LeaserUnderTest, type Under } from './subject.ts';

/**
 * Two deployments at one target: their environments have one name, and what they lease has one name. Only the mark of each
 * tells them apart. The authority is the same here, so that no missing right does what the mark has to do.
 */
export function describeDeployments({ subject }: Under): void {
  it('lists what this deployment has made and nothing of another, and tells that there is one', async () => {
    const [ours, theirs] = bothOf(subject());
    const [id, other] = [ours.newId(), theirs.newId(OTHER_MARK)];
    await issue(ours, id);
    await issue(theirs, other);
    expect([await has(ours, id), await has(ours, other)]).toEqual([true, false]);
    expect([await has(theirs, id), await has(theirs, other)]).toEqual([false, true]);
    expect((await listed(ours)).others).toContain(OTHER_MARK);
    expect((await listed(theirs)).others).not.toContain(OTHER_MARK);
  });

  it('finds what this deployment has lost of its own, and leaves it to itself', async () => {
    const [ours, theirs] = bothOf(subject());
    const orphan = theirs.newId(OTHER_MARK);
    const { key, value } = await issue(theirs, orphan);
    expect((await allOurs(ours)).filter((each) => each.key === key)).toEqual([]);
    expect(await theirs.tries(value)).toBe('works');
    const found = (await allOurs(theirs)).filter((each) => each.key === key);
    expect(found.map(({ leaseId }) => leaseId)).toEqual([orphan]);
    await theirs.leaser.end(requestOf(theirs, orphan, 2));
    expect([await has(theirs, orphan), await theirs.tries(value)]).toEqual([false, 'refused']);
  });

  it('ends its own alone, and forgets no end of another’s', async () => {
    const [ours, theirs] = bothOf(subject());
    const [id, live, ended] = [ours.newId(), theirs.newId(OTHER_MARK), theirs.newId(OTHER_MARK)];
    await issue(ours, id);
    const { value } = await issue(theirs, live);
    await issue(theirs, ended);
    await theirs.leaser.end(requestOf(theirs, ended, 2));
    await ours.leaser.end(requestOf(ours, id, 2));
    await allOurs(ours);
    expect([await has(ours, id), await has(theirs, live)]).toEqual([false, true]);
    expect(await theirs.tries(value)).toBe('works');
    expect(await codeOf(issue(theirs, ended, 1))).toBe('FENCED_OFF');
    expect(await has(theirs, ended)).toBe(false);
  });
}

/** This deployment, and another one, at the target of a test. */
const bothOf = (under: LeaserUnderTest): readonly [LeaserUnderTest, LeaserUnderTest] => [
  under,
  { ...under, mark: OTHER_MARK },
];

const has = async (under: LeaserUnderTest, leaseId: string): Promise<boolean> =>
  (await allOurs(under)).some((each) => each.leaseId === leaseId);
