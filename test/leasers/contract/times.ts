import { expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { inSeconds, issue, requestOf, type Under } from './subject.ts';

/** That the target keeps the time it was given, and what renewal does to it. */
export function describeTimes(under: Under): void {
  const { expiresAtTarget, renewable, revocable } = under.capabilities;
  if (expiresAtTarget) describeExpiry(under);
  if (renewable) describeRenewal(under);
  else describeNoRenewal(under);
  if (renewable && revocable) describeLateRenewal(under);
}

function describeExpiry({ subject, shortSeconds }: Under): void {
  it('is ended at its time by the target itself, whoever else is down', async () => {
    const under = subject();
    const { value } = await issue(under, under.newId(), 1, shortSeconds);
    expect(await under.tries(value)).toBe('works');
    await under.pass(shortSeconds + 1);
    expect(await under.tries(value)).toBe('refused');
  });
}

function describeRenewal({ subject, shortSeconds }: Under): void {
  it('works for as long as its renewal says', async () => {
    const under = subject();
    const id = under.newId();
    const { value } = await issue(under, id, 1, shortSeconds);
    await under.leaser.renew(requestOf(under, id, 2), inSeconds(under, 600));
    await under.leaser.renew(requestOf(under, id, 2), inSeconds(under, 600));
    await under.pass(shortSeconds + 1);
    expect(await under.tries(value)).toBe('works');
  });
}

function describeLateRenewal({ subject }: Under): void {
  it('is not renewed by what comes behind another renewal', async () => {
    const under = subject();
    const id = under.newId();
    await issue(under, id, 1);
    await under.leaser.renew(requestOf(under, id, 3), inSeconds(under, 300));
    expect(await codeOf(under.leaser.renew(requestOf(under, id, 2), inSeconds(under, 600)))).toBe(
      'FENCED_OFF',
    );
  });

  it('is not renewed once it has ended, nor if it never was', async () => {
    const under = subject();
    const [id, never] = [under.newId(), under.newId()];
    const { value } = await issue(under, id);
    await under.leaser.end(requestOf(under, id, 2));
    for (const lease of [id, never]) {
      const renewal = under.leaser.renew(requestOf(under, lease, 3), inSeconds(under, 600));
      expect(await codeOf(renewal)).toBe('LEASE_OVER');
    }
    expect(await under.tries(value)).toBe('refused');
  });
}

function describeNoRenewal({ subject }: Under): void {
  it('cannot be renewed, and says so', async () => {
    const under = subject();
    const id = under.newId();
    await issue(under, id);
    const renewal = under.leaser.renew(requestOf(under, id, 2), inSeconds(under, 600));
    expect(await codeOf(renewal)).toBe('NOT_SUPPORTED');
  });
}
