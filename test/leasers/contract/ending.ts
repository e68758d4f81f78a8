import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { issue, isThere, requestOf, type LeaserUnderTest, type OpenSession, type Under } from './subject.ts';

/** How a lease ends before its time, and that nothing comes after that. */
export function describeEnding(under: Under): void {
  if (!under.capabilities.revocable) {
    describeNoEnding(under);
    return;
  }
  describeEnds(under);
  describeLateIssues(under);
  if (under.traits.includes('sessions')) describeSessions(under);
}

function describeEnds({ subject }: Under): void {
  it('ends one for good, and no other', async () => {
    const under = subject();
    const [id, otherId] = [under.newId(), under.newId()];
    const [one, other] = [await issue(under, id), await issue(under, otherId)];
    expect(await under.leaser.isRefused(requestOf(under, id, 1))).not.toBe('refused');
    await under.leaser.end(requestOf(under, id, 2));
    expect(await under.tries(one.value)).toBe('refused');
    expect(await under.tries(other.value)).toBe('works');
    expect(await under.leaser.isRefused(requestOf(under, id, 2))).toBe('refused');
    expect(await isThere(under, id)).toBe(false);
  });

  it('ends what has ended, and what never was, quietly', async () => {
    const under = subject();
    const [id, never] = [under.newId(), under.newId()];
    const { value } = await issue(under, id);
    for (const fence of [2, 2, 3]) await under.leaser.end(requestOf(under, id, fence));
    for (const fence of [1, 1]) await under.leaser.end(requestOf(under, never, fence));
    expect(await under.tries(value)).toBe('refused');
    expect(await under.leaser.isRefused(requestOf(under, never, 1))).toBe('refused');
  });

  it('ends one twice at once', async () => {
    const under = subject();
    const id = under.newId();
    const { value } = await issue(under, id);
    const ends = [under.leaser.end(requestOf(under, id, 2)), under.leaser.end(requestOf(under, id, 3))];
    await Promise.allSettled(ends);
    await under.leaser.end(requestOf(under, id, 3));
    expect(await under.tries(value)).toBe('refused');
    expect(await isThere(under, id)).toBe(false);
  });
}

function describeLateIssues({ subject }: Under): void {
  it('makes nothing by an issue that comes after the end', async () => {
    const under = subject();
    const id = under.newId();
    await issue(under, id, 1);
    await under.leaser.end(requestOf(under, id, 2));
    expect(await codeOf(issue(under, id, 1))).toBe('FENCED_OFF');
    expect(await isThere(under, id)).toBe(false);
  });

  it('makes nothing by an issue that comes after the end of what it had never made', async () => {
    const under = subject();
    const id = under.newId();
    await under.leaser.end(requestOf(under, id, 2));
    expect(await codeOf(issue(under, id, 1))).toBe('FENCED_OFF');
    expect(await isThere(under, id)).toBe(false);
  });

  it.each([0, 5, 20, 60])('leaves nothing by an issue and an end at once, %d ms apart', async (waitsMs) => {
    const under = subject();
    const id = under.newId();
    const [issued] = await Promise.allSettled([
      issue(under, id, 1),
      sleep(waitsMs).then(() => under.leaser.end(requestOf(under, id, 2))),
    ]);
    // Whoever was too slow is asked again, as a sweeper does.
    await under.leaser.end(requestOf(under, id, 2));
    const outcome = issued.status === 'fulfilled' ? await under.tries(issued.value.value) : 'refused';
    expect(outcome).toBe('refused');
    expect(await isThere(under, id)).toBe(false);
  });
}

function describeSessions({ subject }: Under): void {
  it('ends what its holder has open, and nobody else’s', async () => {
    const under = subject();
    const [id, otherId] = [under.newId(), under.newId()];
    const sessions = [await openOne(under, id), await openOne(under, otherId)] as const;
    try {
      expect(await works(sessions)).toEqual([true, true]);
      await under.leaser.end(requestOf(under, id, 2));
      expect(await works(sessions)).toEqual([false, true]);
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
    }
  });
}

const works = (sessions: readonly OpenSession[]): Promise<readonly boolean[]> =>
  Promise.all(sessions.map((session) => session.works()));

async function openOne(under: LeaserUnderTest, leaseId: string): Promise<OpenSession> {
  if (!under.opens) throw new TypeError('this kind says that it has sessions, and the subject opens none');
  return under.opens((await issue(under, leaseId)).value);
}

/** A kind whose leases cannot be ended: nobody is told that they were. */
function describeNoEnding({ subject, capabilities }: Under): void {
  it('cannot end one before its time, and never says that it is refused', async () => {
    const under = subject();
    const id = under.newId();
    const { value } = await issue(under, id);
    await under.leaser.end(requestOf(under, id, 2));
    expect(await under.tries(value)).toBe('works');
    expect(await under.leaser.isRefused(requestOf(under, id, 2))).not.toBe('refused');
    expect(capabilities.expiresAtTarget).toBe(true);
  });
}
