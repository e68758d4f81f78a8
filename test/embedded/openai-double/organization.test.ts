import { describe, expect, it } from 'vitest';
import { createFaults } from '../../../embedded/openai-double/faults.ts';
import { Organization } from '../../../embedded/openai-double/organization.ts';
import { EMPTY, type StoredOrganization } from '../../../embedded/openai-double/stored.ts';
import { countedBytes } from '../../fakes/counted-ids.ts';
import { ADMIN, aDouble, PROJECT } from './a-double.ts';

describe('the organization that is taken up again', () => {
  it('knows every key, living and ended', () => {
    const before = aDouble();
    const [kept, ended] = [before.key(), before.key()];
    before.organization.deleteAccount(PROJECT, ended.account);
    const after = aDouble({}, before.saved.at(-1));
    expect(after.organization.present(kept.value)).toMatchObject({ isTaken: true, key: { id: kept.keyId } });
    expect(after.organization.present(ended.value)).toMatchObject({
      isTaken: false,
      key: { id: ended.keyId },
    });
    expect(after.organization.present(ADMIN)).toMatchObject({ kind: 'admin', isTaken: true });
  });

  it('does not bring an ended admin key back because it is seeded again', () => {
    const before = aDouble();
    before.organization.createAdminKey({ name: 'second' });
    before.organization.deleteAdminKey('key_first');
    const after = aDouble({}, before.saved.at(-1));
    expect(after.organization.present(ADMIN)).toMatchObject({ isTaken: false });
  });

  it('has stored a change before it answers, and a last use when it is flushed', () => {
    const double = aDouble();
    const stored = double.saved.length;
    const { value, keyId } = double.key();
    expect(double.saved).toHaveLength(stored + 1);
    double.ask('GET', '/v1/models', { authorization: `Bearer ${value}` });
    expect(double.saved).toHaveLength(stored + 1);
    double.organization.flush();
    double.organization.flush();
    expect(double.saved).toHaveLength(stored + 2);
    expect(double.saved.at(-1)?.keys.find(({ id }) => id === keyId)?.lastUsedAtSeconds).not.toBeNull();
  });

  it('keeps enough tombstones, and no more', () => {
    const double = aDouble({ liveAdminKeys: 5 });
    for (let n = 0; n < 230; n += 1) {
      const { key } = double.organization.createAdminKey({ name: `n${n}` });
      double.organization.deleteAdminKey(key.id);
    }
    const kept = double.saved.at(-1)?.adminKeys ?? [];
    expect(kept.filter(({ deletedAtMs }) => deletedAtMs !== null)).toHaveLength(200);
    expect(kept.map(({ id }) => id)).toContain('key_first');
    expect(kept.at(-1)?.name).toBe('n229');
  });
});

it('a change that could not be stored has not happened', () => {
  let isFull = false;
  const saved: StoredOrganization[] = [];
  const organization = new Organization({
    clock: () => new Date(0),
    randomBytes: countedBytes(),
    faults: createFaults(),
    stored: { ...EMPTY, projects: [PROJECT] },
    save(state) {
      if (isFull) throw new Error('no space left');
      saved.push(state);
    },
  });
  isFull = true;
  expect(() => organization.createAccount(PROJECT, { name: 'a' }, false)).toThrow('no space left');
  expect(organization.accounts(PROJECT)).toEqual([]);
});
