import { expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import {
  HOLDER,
  inSeconds,
  issue,
  isThere,
  requestOf,
  secretParts,
  timesOf,
  type LeaserUnderTest,
  type Under,
} from './subject.ts';

/** What a lease is when it has been made, and when it is made again. */
export function describeIssuing(under: Under): void {
  describeNew(under);
  describeNames(under);
  if (under.traits.includes('written')) describeWritten(under);
  if (under.capabilities.revocable && under.traits.includes('fresh-values')) describeAgain(under);
}

function describeNew({ subject, capabilities }: Under): void {
  it('makes something that works, and says what it is called', async () => {
    const under = subject();
    const { key, value } = await issue(under, under.newId());
    expect(await under.tries(value)).toBe('works');
    expect(key).not.toBe('');
    expect(JSON.parse(value.reveal())).toBeTypeOf('object');
  });

  it('says when the target ends it by itself, if it does', async () => {
    const under = subject();
    const asked = timesOf(under).expiresAt;
    const { expiresAt } = await issue(under, under.newId());
    // A target may round: a second more than was asked for is none, a minute is.
    const latest = capabilities.expiresAtTarget ? Date.parse(asked) + 2000 : 0;
    expect(Date.parse(expiresAt ?? '1970-01-01T00:00:00.000Z')).toBeLessThanOrEqual(latest);
    expect(expiresAt !== undefined).toBe(capabilities.expiresAtTarget);
  });

  it('gives every lease a name and a value of its own', async () => {
    const under = subject();
    const [first, second] = [await issue(under, under.newId()), await issue(under, under.newId())];
    expect(first.key).not.toBe(second.key);
    expect(first.value.equals(second.value)).toBe(false);
  });

  it('makes nothing where it comes after its own time', async () => {
    const under = subject();
    const id = under.newId();
    const times = { expiresAt: inSeconds(under, 600), notAfter: inSeconds(under, -5) };
    expect(await codeOf(under.leaser.issue(requestOf(under, id, 1), HOLDER, times))).toBe('FENCED_OFF');
    expect(await isThere(under, id)).toBe(false);
  });
}

function describeNames({ subject }: Under): void {
  it.each(["o'brien", 'a"b', '\\', '$$; --', '%s\n\u0000', 'ü😀', 'x'.repeat(4096)])(
    'takes whatever a holder and a purpose are called: %j',
    async (text) => {
      const under = subject();
      const request = requestOf(under, under.newId(), 1);
      const { value } = await under.leaser.issue(request, { holder: text, purpose: text }, timesOf(under));
      expect(await under.tries(value)).toBe('works');
    },
  );
}

function describeWritten({ subject }: Under): void {
  it('leaves nothing of its value in anything that the target writes down', async () => {
    const under = subject();
    const { key, value } = await issue(under, under.newId());
    await under.tries(value);
    const written = await under.written?.();
    expect(written).toContain(key);
    expect(secretParts(value)).not.toEqual([]);
    expect(secretParts(value).filter((part) => written?.includes(part))).toEqual([]);
  });
}

function describeAgain({ subject }: Under): void {
  it('issued again, leaves one that works: that of the last answer', async () => {
    const under = subject();
    const id = under.newId();
    const first = await issue(under, id, 1);
    const second = await issue(under, id, 2);
    expect(second.key).toBe(first.key);
    expect(await under.tries(second.value)).toBe('works');
    expect(await under.tries(first.value)).toBe('refused');
  });

  it('issued twice at once with one id, leaves one that works', async () => {
    const under = subject();
    const id = under.newId();
    const answers = await Promise.allSettled([issue(under, id, 1), issue(under, id, 1)]);
    const outcomes = await outcomesOf(under, answers);
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome === 'works')).toHaveLength(1);
  });

  it('issued again with an older fence, is left as it is', async () => {
    const under = subject();
    const id = under.newId();
    const { value } = await issue(under, id, 3);
    expect(await codeOf(issue(under, id, 2))).toBe('FENCED_OFF');
    expect(await under.tries(value)).toBe('works');
  });
}

const outcomesOf = (
  under: LeaserUnderTest,
  answers: readonly PromiseSettledResult<Awaited<ReturnType<typeof issue>>>[],
): Promise<readonly string[]> =>
  Promise.all(
    answers.flatMap((answer) => (answer.status === 'fulfilled' ? [under.tries(answer.value.value)] : [])),
  );
