import { expect, it } from 'vitest';
import { problemsWith } from '../a-workspace.ts';

it('refuses an authority that is not declared', () => {
  expect(problemsWith({ 'credentials.store.authority': 'db-admni' })).toEqual([
    {
      path: 'credentials.store.authority',
      found: 'the authority "db-admni", which is not declared',
      allowed: 'a credential of kind postgres-authority: db-admin',
      mend: 'did you mean db-admin? Otherwise declare a postgres-authority of that name in credentials',
    },
  ]);
});

it('refuses an authority of another kind', () => {
  expect(problemsWith({ 'credentials.store.authority': 'model-admin' })).toEqual([
    {
      path: 'credentials.store.authority',
      found: '"model-admin", a credential of kind openai-authority',
      allowed: 'a credential of kind postgres-authority: db-admin',
      mend: 'name the postgres-authority that may change this credential',
    },
  ]);
});

it('asks for the authority where none is named', () => {
  expect(problemsWith({ 'credentials.model.authority': undefined })).toMatchObject([
    { path: 'credentials.model.authority', found: 'nothing', mend: 'add authority' },
  ]);
});

it('says nothing of an authority whose own declaration is broken: that is reported where it is', () => {
  expect(problemsWith({ 'credentials.db-admin.role': 'no role!' })).toMatchObject([
    { path: 'credentials.db-admin.role' },
  ]);
});

it('takes two credentials under one authority', () => {
  expect(
    problemsWith({
      'credentials.other': {
        kind: 'postgres',
        owner: 'platform',
        authority: 'db-admin',
        database: 'rag',
        slots: ['other_a', 'other_b'],
        ownerRole: 'rag_owner',
        rotateEvery: { seconds: 604_800 },
      },
    }),
  ).toEqual([]);
});
