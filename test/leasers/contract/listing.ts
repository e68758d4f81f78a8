import { expect, it } from 'vitest';
import { codeOf } from '../../ports/under-test.ts';
import { allOurs, issue, type Under } from './subject.ts';

/** What the target says that it has of ours: how a sweeper finds what the ledger does not know. */
export function describeListing(under: Under): void {
  if (under.capabilities.listsOurs) describeList(under);
  else describeNoList(under);
}

function describeNoList({ subject }: Under): void {
  it('cannot list what is there, and says so', async () => {
    expect(await codeOf(allOurs(subject()))).toBe('NOT_SUPPORTED');
  });
}

function describeList({ subject }: Under): void {
  it('lists every lease that is there by its id, each once, page after page', async () => {
    const under = subject();
    const keys = new Map<string, string>();
    for (let count = 0; count < 5; count += 1) {
      const id = under.newId();
      keys.set((await issue(under, id)).key, id);
    }
    const listed = (await allOurs(under)).filter(({ key }) => keys.has(key));
    expect(listed).toHaveLength(keys.size);
    expect(new Map(listed.map(({ key, leaseId }) => [key, leaseId]))).toEqual(keys);
  });
}
