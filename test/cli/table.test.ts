import { expect, it } from 'vitest';
import { tableText } from '../../cli/output/table.ts';

const rows = [
  ['WHO', 'FOR', 'WHERE', 'BY'],
  ['role:on-call', 'investigate', 'context.ttl <= duration("30m")', 'glass, guard'],
  ['workload:rag-api', 'answer-questions', 'always', ''],
];

it('stays one line a row where that fits, and where nobody reads it at a terminal', () => {
  expect(tableText(rows)).toBe(tableText(rows, 80));
  expect(tableText(rows).split('\n')).toHaveLength(3);
});

it('puts what does not fit below its row, by its head, and never beyond the width', () => {
  expect(tableText(rows, 40).split('\n')).toEqual([
    'WHO               FOR',
    'role:on-call      investigate',
    '  WHERE  context.ttl <= duration("30m")',
    '  BY     glass, guard',
    'workload:rag-api  answer-questions',
    '  WHERE  always',
  ]);
});

it('breaks between words, keeps the first column, and leaves whole what somebody copies', () => {
  const id = '01kb4c5z0qx6f9v2m8w7n3t1yd';
  const told = tableText(
    [
      ['LEASE', 'WHY'],
      [id, `because of an incident, see https://example.com/${id}`],
    ],
    30,
  );
  expect(told.split('\n')).toEqual([
    'LEASE',
    id,
    '  WHY  because of an incident,',
    '       see',
    `       https://example.com/${id}`,
  ]);
});
