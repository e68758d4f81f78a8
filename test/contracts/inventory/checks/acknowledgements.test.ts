import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

const ALLOWED =
  'a dependent that acknowledges, or evidence with suffices: true at a target that shows sessions';

it('refuses a dependent that neither acknowledges nor shows itself', () => {
  expect(problemsWith({ 'credentials.store.dependents.1.evidence': undefined })).toEqual([
    {
      path: 'credentials.store.dependents[1]',
      found: '"worker" does not acknowledge, and it declares no evidence',
      allowed: ALLOWED,
      mend: 'let it acknowledge, or declare evidence that suffices: without either, nothing would ever retire',
    },
  ]);
});

it('refuses evidence that the owner does not let suffice', () => {
  for (const suffices of [false, undefined])
    expect(problemsWith({ 'credentials.store.dependents.1.evidence.suffices': suffices })).toMatchObject([
      { found: '"worker" does not acknowledge, and its evidence does not suffice' },
    ]);
});

it('refuses it at a target that shows no sessions', () => {
  expect(problemsWith({ 'credentials.model.dependents.0.acknowledges': false })).toMatchObject([
    { found: '"worker" does not acknowledge, and targets of the kind openai show no sessions' },
  ]);
});

it('takes a silent dependent with sufficient evidence, and an acknowledging one without any', () => {
  expect(problemsWith({})).toEqual([]);
  expect(
    problemsWith({
      'credentials.store.dependents.1.acknowledges': true,
      'credentials.store.dependents.1.evidence': undefined,
    }),
  ).toEqual([]);
});
