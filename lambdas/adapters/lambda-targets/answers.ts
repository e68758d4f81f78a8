import {
  flag,
  instant,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  text,
  either,
  exactly,
  type Check,
} from '../../contracts/check.ts';
import type { Observation, OwnedKey, Usage } from '../../core/ports/rotator.ts';
import type { TargetCommandName, TargetCommands } from '../../core/ports/targets.ts';
import type { VersionRef } from '../../core/rotation/rotation.ts';

type Answers<C extends TargetCommandName> = TargetCommands[C]['answers'];

const usage = record<Usage>({
  sessions: either(number, oneOf('unknown')),
  lastUsedAt: optional(instant),
});

const observation = record<Observation>({
  at: instant,
  successor: usage,
  predecessor: usage,
  byDependent: mapOf(
    record<{ readonly onSuccessor: number; readonly onPredecessor: number }>({
      onSuccessor: number,
      onPredecessor: number,
    }),
  ),
  strangersOnPredecessor: number,
});

const unsupported = record<{ readonly unsupported: true }>({ unsupported: exactly(true) });

/**
 * The form of each command's answer. A function of another version may answer otherwise; acting on what was
 * not understood could retire a credential that is in use.
 */
export const ANSWERS: { readonly [C in TargetCommandName]: Check<Answers<C>> } = {
  prove: record<Answers<'prove'>>({ works: flag }),
  'issue-first': record<VersionRef>({ version: text, key: text }),
  observe: either(observation, unsupported),
  expect: record<Answers<'expect'>>({ id: text }),
  disable: record<Answers<'disable'>>({ state: oneOf('disabled', 'in-use', 'not-supported') }),
  enable: record<Answers<'enable'>>({ state: oneOf('enabled', 'not-supported') }),
  revoke: record<Answers<'revoke'>>({ refused: oneOf('refused', 'accepted', 'unknown') }),
  restore: record<Answers<'restore'>>({ current: text }),
  'probe-pending': record<Answers<'probe-pending'>>({
    pending: oneOf('works', 'refused', 'no-value', 'absent', 'unknown'),
  }),
  'clean-up': record<Answers<'clean-up'>>({ revoked: listOf(text) }),
  'list-ours': record<Answers<'list-ours'>>({
    keys: listOf(record<OwnedKey>({ key: text, token: optional(text), createdAt: optional(instant) })),
  }),
  'revoke-orphan': record<Answers<'revoke-orphan'>>({ revoked: flag }),
  'strip-pending': record<Answers<'strip-pending'>>({ stripped: flag }),
  'stop-all': record<Answers<'stop-all'>>({ stopped: listOf(text), failed: listOf(text) }),
};
