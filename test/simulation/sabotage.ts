import type { PipelineParts } from '../../embedded/pipeline/pipeline-parts.ts';
import { continueChain, type AuditEntry } from '../../lambdas/core/audit/record.ts';
import type { LedgerBodies } from '../../lambdas/core/ledger-rows.ts';
import type { Family, Ledger, LedgerRow, LedgerWrite } from '../../lambdas/core/ports/ledger.ts';
import type { Vault } from '../../lambdas/core/ports/vault.ts';
import type { Rotation } from '../../lambdas/core/rotation/rotation.ts';
import type { Sabotage } from './stores.ts';

/*
 * Pipelines that do one thing wrong, as a change of the code might make them. Each is played by the suites that say
 * that all is well: a suite that does not notice proves nothing.
 */

type Change = (rotation: Rotation) => Rotation;

/** Rotations as the ledger shows them are not what it holds. */
const seen =
  (change: Change): Sabotage =>
  (parts) => ({ ...parts, ledger: changedLedger(parts.ledger, { onRead: change }) });

/** Rotations are written down otherwise than was decided. */
const written =
  (change: Change): Sabotage =>
  (parts) => ({ ...parts, ledger: changedLedger(parts.ledger, { onWrite: change }) });

function changedLedger(ledger: Ledger, { onRead, onWrite }: { onRead?: Change; onWrite?: Change }): Ledger {
  const isRotation = (row: { readonly family: Family }): row is LedgerRow<'rotation'> =>
    row.family === 'rotation';
  const shown = <F extends Family>(row: LedgerRow<F>): LedgerRow<F> =>
    onRead && isRotation(row) ? { ...row, body: onRead(row.body) as LedgerBodies[F] } : row;
  const kept = (write: LedgerWrite): LedgerWrite =>
    onWrite && write.family === 'rotation' && write.body
      ? { ...write, body: onWrite(write.body as Rotation) }
      : write;
  return {
    read: async (family, credential, id) => {
      const row = await ledger.read(family, credential, id);
      return row && shown(row);
    },
    list: async (family, credential) => (await ledger.list(family, credential)).map(shown),
    page: async (family, credential, page) => (await ledger.page(family, credential, page)).map(shown),
    commit: (writes, events) => ledger.commit(writes.map(kept), events),
  };
}

/** Nobody is waited for. */
export const retiresBeforeAdoption: Sabotage = seen((rotation) =>
  rotation.phase === 'adopting' ? { ...rotation, dependents: [] } : rotation,
);

/** Adoption is waited for, and caches are not. */
export const retiresBeforeTheDrain: Sabotage = seen((rotation) => ({
  ...rotation,
  retire: { ...rotation.retire, drainSeconds: 0, soakSeconds: 0 },
  dependents: rotation.dependents.map((dependent) => ({ ...dependent, cacheTtlSeconds: 0 })),
}));

/** Nobody is told anything. */
export const skipsPropagation: Sabotage = (parts) => ({
  ...parts,
  bus: {
    publish: (events) => parts.bus.publish(events.filter(({ type }) => type !== 'credential.changed')),
  },
});

/** Whoever is waited for counts as moved. */
export const acknowledgesFalsely: Sabotage = written((rotation) => {
  if (rotation.phase !== 'adopting') return rotation;
  const all = rotation.dependents.map(({ name }) => [
    name,
    { by: 'acknowledgement', at: rotation.requestedAt } as const,
  ]);
  return { ...rotation, adoption: { ...Object.fromEntries(all), ...rotation.adoption } };
});

/** Effects happen, and the audit hears of none, or never how one ended. */
export const auditsNo =
  (type: AuditEntry['type']): Sabotage =>
  (parts) => ({
    ...parts,
    chains: {
      tail: (chain) => parts.chains.tail(chain),
      find: (chain, id) => parts.chains.find(chain, id),
      read: (chain, from, limit) => parts.chains.read(chain, from, limit),
      tails: () => parts.chains.tails(),
      append: async (record) => {
        if (record.entry.type !== type) await parts.chains.append(record);
      },
    },
  });

/** A value on its way out, in one of the forms that it might take. */
type Spelling = (value: string) => string;

/** Reads along, and hands out the first value that it sees, once. */
function onlooker(parts: PipelineParts, spelling: Spelling) {
  let value: string | undefined;
  const vaultFor: PipelineParts['vaultFor'] = (name) => {
    const vault = parts.vaultFor(name);
    const read: Vault['read'] = async (secretId, selector) => {
      const version = await vault.read(secretId, selector);
      value ??= spelling(version.value.reveal());
      return version;
    };
    return new Proxy(vault, {
      get: (target, property) => (property === 'read' ? read : Reflect.get(target, property, target)),
    });
  };
  const once = <T>(spoil: (value: string) => T, otherwise: T): T => {
    if (value === undefined || hasLeaked) return otherwise;
    hasLeaked = true;
    return spoil(value);
  };
  let hasLeaked = false;
  return { parts: { ...parts, vaultFor }, once };
}

/** Where a value may slip out: each of these sabotages lets it, once. */
export const LEAKS = {
  'a row of the ledger': (spelling) => (parts) => {
    const { parts: spoiled, once } = onlooker(parts, spelling);
    const ledger = changedLedger(parts.ledger, {
      onWrite: (rotation) => once((value) => ({ ...rotation, reason: value }), rotation),
    });
    return { ...spoiled, ledger };
  },
  'an event': (spelling) => (parts) => {
    const { parts: spoiled, once } = onlooker(parts, spelling);
    const publish: PipelineParts['bus']['publish'] = (events) =>
      parts.bus.publish(
        events.map((event) =>
          once((value) => ({ ...event, detail: { ...event.detail, note: value } }) as typeof event, event),
        ),
      );
    return { ...spoiled, bus: { publish } };
  },
  'the audit': (spelling) => (parts) => {
    const { parts: spoiled, once } = onlooker(parts, spelling);
    const spoiledEntry = (entry: AuditEntry): AuditEntry =>
      once((value) => ({ ...entry, why: { ...entry.why, reason: value } }), entry);
    const append: PipelineParts['chains']['append'] = ({ sequence, previous, entry }) =>
      parts.chains.append(
        continueChain({ chain: entry.chain, sequence: sequence - 1, hash: previous }, spoiledEntry(entry)),
      );
    const chains = new Proxy(parts.chains, {
      get: (target, property) => (property === 'append' ? append : bound(target, property)),
    });
    return { ...spoiled, chains };
  },
  'what a dependent is told': (spelling) => (parts) => {
    const { parts: spoiled, once } = onlooker(parts, spelling);
    const propagatorFor: PipelineParts['propagatorFor'] = (kind, keys) => {
      const propagator = parts.propagatorFor(kind, keys);
      return {
        tell: (dependent, notice) =>
          propagator.tell(
            dependent,
            once((value) => ({ ...notice, replaces: value }), notice),
          ),
      };
    };
    return { ...spoiled, propagatorFor };
  },
  'a metric': (spelling) => (parts) => {
    const { parts: spoiled, once } = onlooker(parts, spelling);
    const { metrics } = parts;
    const count: PipelineParts['metrics']['count'] = (name, labels, by) => {
      const [first = ''] = Object.keys(labels);
      metrics.count(
        name,
        once((value) => ({ ...labels, [first]: value }), labels),
        by,
      );
    };
    const spoiledMetrics = new Proxy(metrics, {
      get: (target, property) => (property === 'count' ? count : bound(target, property)),
    });
    return { ...spoiled, metrics: spoiledMetrics };
  },
} as const satisfies Record<string, (spelling: Spelling) => Sabotage>;

/** A member of an object whose methods know it by `this`. */
function bound(target: object, property: string | symbol): unknown {
  const member: unknown = Reflect.get(target, property, target);
  return typeof member === 'function' ? member.bind(target) : member;
}
