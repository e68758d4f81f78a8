import type { Account, Comparison } from './compare-books.ts';
import type { RoundFacts } from './round-facts.ts';

/** One claim about a round, and whether it holds. */
export interface Claim {
  readonly holds: boolean;
  /** What is so: said of a claim that fails as well, and then of what is so instead. */
  readonly says: string;
  /** What stands against it. */
  readonly because: readonly string[];
}

/** More than these are not listed: the books have the rest. */
const LISTED = 5;

/** What has to hold for a round to have gone well. `--once` exits 0 only if all of it does. */
export function claimsOf(facts: RoundFacts): readonly Claim[] {
  const { account } = facts;
  return [
    allRound(facts),
    allRefused(facts),
    noFailures(facts),
    agreement(
      account.database,
      `PostgreSQL's own log agrees: ${account.database.served} logins served, ${account.database.failed} refused (${account.probes.refused} refused probes were Lockstep's own)`,
      "PostgreSQL's own log does not agree with what its dependents counted",
    ),
    agreement(
      account.provider,
      `the double of OpenAI agrees: ${account.provider.served} calls served, ${account.provider.failed} refused`,
      'the log of the double of OpenAI does not agree with what its dependents counted',
    ),
    agreement(
      account.notices,
      `the ledger agrees: ${account.notices.served} signed notices taken, ${account.notices.failed} refused (${account.probes.noticesRefused} refused probes were Lockstep's own)`,
      'the ledger does not agree with the notices that their receivers counted',
    ),
    nobodyElse(account),
    ...ranOnLeases(facts),
    auditVerifies(facts),
    ...strangerRefused(facts),
  ];
}

const claim = (holds: boolean, says: string, says2: string, because: readonly string[] = []): Claim => ({
  holds,
  says: holds ? says : says2,
  because: holds ? [] : listed(because),
});

function listed(reasons: readonly string[]): readonly string[] {
  const more = reasons.length - LISTED;
  return more > 0 ? [...reasons.slice(0, LISTED), `and ${more} more`] : reasons;
}

function allRound({ rotations, refused }: RoundFacts): Claim {
  const unfinished = [...rotations].filter(([, { phase }]) => phase !== 'retired');
  return claim(
    rotations.size > 0 && unfinished.length === 0 && refused.size === 0,
    'every credential went all the way round',
    'not every credential went all the way round',
    [
      ...unfinished.map(
        ([name, { phase, failure }]) =>
          `${name} is ${phase}${failure ? `: ${failure.code}, ${failure.message}` : `; see: lockstep status ${name}`}`,
      ),
      ...[...refused].map(([name, why]) => `${name} was not rotated: ${why}`),
    ],
  );
}

function allRefused({ rotations }: RoundFacts): Claim {
  const unproved = [...rotations].filter(([, { provenRefusedAt }]) => provenRefusedAt === undefined);
  return claim(
    unproved.length === 0,
    'every retired value is refused by its target now',
    'not every old value was seen to be refused by its target',
    unproved.map(([name]) => name),
  );
}

function noFailures({ account, rotations, since }: RoundFacts): Claim {
  const { failed, served, uses, forged, readsFailed } = account;
  // A rotation that was nearly over when this round began may have been told to its end before.
  const isWhole = (name: string): boolean => (rotations.get(name)?.requestedAt ?? since) >= since;
  const unused = [...uses]
    .filter(([name, each]) => each.served === 0 && isWhole(name))
    .map(([name]) => `nobody has used ${name}`);
  const beside = [
    ...(readsFailed > 0 ? [`${readsFailed} reads of the vault failed while the runtime was away`] : []),
    ...(forged > 0 ? [`${forged} notices that Lockstep never sent were refused`] : []),
  ];
  const says = [`dependents counted ${failed} failed attempts, and ${served} served`, ...beside].join('; ');
  return claim(failed === 0 && served > 0 && unused.length === 0, says, says, [
    ...unused,
    ...[...uses].filter(([, each]) => each.failed > 0).map(([name, each]) => `${each.failed} with ${name}`),
  ]);
}

const agreement = ({ differences }: Comparison, says: string, otherwise: string): Claim =>
  claim(differences.length === 0, says, otherwise, differences);

function nobodyElse({ strangers }: Account): Claim {
  const says = `${strangers.length} connections by anybody else`;
  return claim(strangers.length === 0, says, says, strangers);
}

/** Nothing that a program leases is no claim at all: the file leases nothing, or nothing that is known here. */
function ranOnLeases({ account: { leased } }: RoundFacts): readonly Claim[] {
  if (leased.size === 0) return [];
  const all = [...leased];
  const [served, failed] = [
    all.reduce((sum, [, each]) => sum + each.served, 0),
    all.reduce((sum, [, each]) => sum + each.failed, 0),
  ];
  const bad = all.filter(([, each]) => each.served === 0 || each.failed > 0);
  const says = `what is leased (${all.map(([name]) => name).join(', ')}) was used ${served} times by leases alone, all the round, and failed ${failed} times`;
  return [
    claim(
      bad.length === 0,
      says,
      says,
      bad.map(([name, each]) =>
        each.served === 0 ? `nobody has used ${name}` : `${each.failed} with ${name}`,
      ),
    ),
  ];
}

function auditVerifies({ audit }: RoundFacts): Claim {
  return claim(
    audit.ok,
    `the audit verifies: ${audit.records} records in ${audit.chains} chains under ${audit.heads} signed heads`,
    'the audit does not verify',
    [`${audit.faults.length} faults; see: lockstep audit verify`],
  );
}

/** Nobody to be refused is no claim at all: every workload of such a file may read everything. */
function strangerRefused({ stranger }: RoundFacts): readonly Claim[] {
  if (!stranger) return [];
  const { workload, credential, answered, page } = stranger;
  return [
    claim(
      answered === '403' && page !== undefined,
      `${workload} asked for ${credential}, was refused (${answered}), and on-call was paged`,
      `${workload} asked for ${credential} and was answered ${answered}; on-call was ${page ? '' : 'not '}paged`,
    ),
  ];
}
