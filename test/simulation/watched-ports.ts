import { secretName, type Credential, type Inventory } from '../../lambdas/core/credential.ts';
import { LockstepError } from '../../lambdas/core/errors.ts';
import type { AuditAction } from '../../lambdas/core/audit/record.ts';
import type { Ledger } from '../../lambdas/core/ports/ledger.ts';
import type { Rotator, RotatorRequest } from '../../lambdas/core/ports/rotator.ts';
import type { AuditStore } from '../../lambdas/core/ports/audit.ts';
import type { Rotation, VersionRef } from '../../lambdas/core/rotation/rotation.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import type { Secret } from '../../lambdas/core/secret.ts';
import type { Judge } from '../fakes/judge.ts';
import type { MemoryTarget } from '../fakes/memory-target.ts';
import type { AuditWatch, EffectOn } from './audit-watch.ts';
import type { Oracle } from './oracle.ts';

/** The audit's store, read along. */
export function watchedChains(store: AuditStore, watch: AuditWatch): AuditStore {
  return {
    tail: (chain) => store.tail(chain),
    find: (chain, id) => store.find(chain, id),
    read: (chain, from, limit) => store.read(chain, from, limit),
    tails: () => store.tails(),
    append: async (record) => {
      await store.append(record);
      watch.wrote(record);
    },
  };
}

/** The ledger, looked at after every commit. */
export function watchedLedger(ledger: Ledger, oracle: Oracle): Ledger {
  return {
    read: (family, credential, id) => ledger.read(family, credential, id),
    list: (family, credential) => ledger.list(family, credential),
    page: (family, credential, page) => ledger.page(family, credential, page),
    commit: async (writes, events) => {
      await ledger.commit(writes, events);
      oracle.checkLedger();
      for (const { family, body } of writes)
        if (family === 'rotation' && body) oracle.checkClaims(body as Rotation);
    },
  };
}

/** The vault, whose every write must have been intended, and leaves everybody with a version that works. */
export function watchedVault(
  vault: Vault,
  inventory: Inventory,
  oracle: Oracle,
  elapsed: () => number,
): Vault {
  const about = (secretId: string): string => {
    const isMeant = ({ name }: Credential): boolean =>
      secretId.includes(secretName(inventory.environment, name));
    return inventory.credentials.find(isMeant)?.name ?? secretId;
  };
  const write = async (
    secretId: string,
    on: Omit<EffectOn, 'credential'>,
    work: () => Promise<void>,
  ): Promise<void> => {
    const credential = about(secretId);
    await oracle.effect({ credential, ...on }, work);
    if (on.key !== undefined && on.version !== undefined) oracle.valuePut(on.version, elapsed());
    oracle.checkInstant(`${on.actions.join('/')} of ${credential}`);
  };
  return {
    describe: (secretId) => vault.describe(secretId),
    listVersions: (secretId) => vault.listVersions(secretId),
    read: (secretId, selector) => vault.read(secretId, selector),
    putPending: (secretId, token, value, ...rest) =>
      write(secretId, { actions: ['put-pending'], version: token, key: keyIn(value) }, () =>
        vault.putPending(secretId, token, value, ...rest),
      ),
    putFirst: (secretId, token, value) =>
      write(secretId, { actions: ['put-first'], version: token, key: keyIn(value) }, () =>
        vault.putFirst(secretId, token, value),
      ),
    moveCurrent: (secretId, move) => {
      const isBack = oracle.isIntended({
        credential: about(secretId),
        actions: ['restore'],
        version: move.to,
      });
      return write(secretId, { actions: [isBack ? 'restore' : 'promote'], version: move.to }, () =>
        vault.moveCurrent(secretId, move),
      );
    },
    // A restore's intent names the version that it goes back to, and takes the label off the other one.
    removePending: (secretId, version) =>
      write(secretId, { actions: ['strip-pending', 'restore'] }, () =>
        vault.removePending(secretId, version),
      ),
    startRotation: (secretId, start) =>
      write(
        secretId,
        start.immediately
          ? { actions: ['request'], rotation: start.token }
          : { actions: ['adopt-credential'] },
        () => vault.startRotation(secretId, start),
      ),
  };
}

/** The public half of a value of the memory target. */
const keyIn = (value: Secret): string => (JSON.parse(value.reveal()) as { readonly key: string }).key;

/** Lets an effect happen only for whoever can log in as the authority, as a real target does. */
export type AuthorityGate = (request: RotatorRequest) => Promise<void>;

/** Every way in must be opened by the authority's value of this moment. */
export const authorityGate =
  (targetOf: (credential: Credential) => MemoryTarget, inventory: Inventory): AuthorityGate =>
  async ({ credential, withAuthority }) => {
    const needsNone = credential.authority === undefined && credential.strategy === 'dual-value';
    if (needsNone) return;
    const authority = inventory.credentials.find(({ name }) => name === credential.authority) ?? credential;
    await withAuthority(async (value) => {
      if (targetOf(authority).accepts(authority.name, value)) return;
      throw new LockstepError('TARGET_REFUSES_LOGIN', `the login of ${authority.name} is refused`);
    });
  };

const on = (
  { credential, token }: RotatorRequest,
  actions: readonly AuditAction[],
  { version, key }: Partial<VersionRef>,
): EffectOn => ({
  credential: credential.name,
  actions,
  rotation: token,
  ...(version === undefined ? {} : { version }),
  ...(key === undefined ? {} : { key }),
});

/** A rotator whose every effect must have been intended, and must not take from anybody what he uses. */
export function watchedRotator(rotator: MemoryTarget, gate: AuthorityGate, oracle: Oracle): Rotator {
  return {
    ...watchedEnds(rotator, gate, oracle),
    capabilities: rotator.capabilities,
    keyOf: (value) => rotator.keyOf(value),
    checkFirst: (credential, value) => rotator.checkFirst(credential, value),
    issue: async (request, current) => {
      if (rotator.capabilities.mintsAtTarget) await gate(request);
      return oracle.effect(on(request, ['issue'], {}), async () => {
        const issued = await rotator.issue(request, current);
        forbidValue(rotator.judge, issued.value);
        return issued;
      });
    },
    install: async (request, successor, current) => {
      await gate(request);
      await oracle.effect(on(request, ['install'], successor), () =>
        rotator.install(request, successor, current),
      );
    },
    verify: (request, version) => rotator.verify(request, version),
    observe: async (request, versions, dependents) => {
      await gate(request);
      return rotator.observe(request, versions, dependents);
    },
    proveRefused: (request, version) => rotator.proveRefused(request, version),
    listOurs: async (request) => {
      await gate(request);
      return rotator.listOurs(request);
    },
  };
}

/** What stops a version, and what undoes it. */
function watchedEnds(
  rotator: MemoryTarget,
  gate: AuthorityGate,
  oracle: Oracle,
): Pick<Rotator, 'disable' | 'enable' | 'revoke' | 'stopNow'> {
  return {
    disable: async (request, version) => {
      await gate(request);
      return oracle.effect(on(request, ['disable'], version), async () => {
        const answer = await rotator.disable(request, version);
        if (answer === 'disabled') oracle.checkStop(request.credential, version.version, 'disable');
        return answer;
      });
    },
    enable: async (request, version) => {
      await gate(request);
      await oracle.effect(on(request, ['enable'], version), () => rotator.enable(request, version));
    },
    revoke: async (request, version) => {
      await gate(request);
      await oracle.effect(on(request, ['revoke', 'reap'], version), async () => {
        oracle.checkStop(request.credential, version.version, 'revoke');
        await rotator.revoke(request, version);
        oracle.sessionsEnded(request.credential, version.version);
      });
    },
    // Breach mode waits for no audit.
    stopNow: async (request, version) => {
      await gate(request);
      oracle.checkStop(request.credential, version.version, 'stop');
      await rotator.stopNow(request, version);
      oracle.sessionsEnded(request.credential, version.version);
    },
  };
}

/** A value of the memory target must show up nowhere, nor its secret part. */
export function forbidValue(judge: Judge, value: Secret): void {
  const { secret } = JSON.parse(value.reveal()) as { readonly secret: string };
  judge.forbid(secret);
  judge.forbid(value.reveal());
}
