import {
  LEDGER_RIGHTS,
  type LedgerRights,
  type LedgerUser,
  type OutboxRight,
} from '../../lambdas/contracts/ledger-rights.ts';
import { LEDGER_TABLE } from '../../lambdas/contracts/tables.ts';
import type { Family } from '../../lambdas/core/ports/ledger.ts';
import type { Conditions, Right } from './right.ts';

/**
 * Rows are keyed `<family>#<credential>`, so the leading key says which family is meant. `ForAllValues` holds for a
 * request without keys as well, which only the second condition refuses.
 */
export const leadingKeys = (keys: readonly string[]): Conditions => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** What DynamoDB calls each way of using the outbox. A transaction is authorised as the writes inside it. */
const OUTBOX_ACTIONS: { readonly [R in OutboxRight]: string } = {
  adds: 'dynamodb:PutItem',
  looks: 'dynamodb:Query',
  removes: 'dynamodb:BatchWriteItem',
};

/**
 * The rights of a function on the ledger, from the table in `contracts`.
 *
 * @param without families that this environment has no rows of
 */
export function ledgerAccess(
  user: LedgerUser,
  tableArn: string,
  { without = [] }: { readonly without?: readonly Family[] } = {},
): readonly Right[] {
  const { reads, lists, writes, removes = [], outbox }: LedgerRights = LEDGER_RIGHTS[user];
  const families = (names: readonly Family[]): readonly string[] =>
    names.filter((family) => !without.includes(family)).map((family) => `${family}#*`);
  return [
    right(['dynamodb:GetItem'], families(reads), tableArn),
    right(['dynamodb:Query'], families(lists), tableArn),
    right(['dynamodb:PutItem'], families(writes), tableArn),
    right(['dynamodb:DeleteItem'], families(removes), tableArn),
    right(
      outbox.length > 0 ? outbox.map((way) => OUTBOX_ACTIONS[way]) : [],
      [LEDGER_TABLE.outboxPartition],
      tableArn,
    ),
  ].filter(({ actions, conditions }) => actions.length > 0 && conditions !== undefined);
}

const right = (actions: readonly string[], keys: readonly string[], tableArn: string): Right => ({
  actions,
  resources: [tableArn],
  ...(keys.length > 0 ? { conditions: leadingKeys(keys) } : {}),
});
