import { describe, expect, it } from 'vitest';
import { policiesOf, vectorFiles, type Other, type Vector } from '../../rights/vectors.ts';
import { askMinistack } from './ask-ministack.ts';
import { askSimulator } from './ask-simulator.ts';
import type { Ask, Opinion } from './opinion.ts';

const OTHERS: readonly (readonly [Other, Ask])[] = [
  ['simulator', askSimulator],
  ['ministack', askMinistack],
];

// Our evaluator of policies judges roles; these judge our evaluator. Each vector is asked of evaluators that others wrote.

describe.each(OTHERS)('%s', (other, ask) => {
  it.each([...vectorFiles()])('%s: answers as we do', (_name, file) => {
    const opinions = ask(
      file.cases.map((vector) => ({ request: vector, policies: policiesOf(file, vector) })),
    );
    const asked = file.cases.map((vector, index) => [vector, opinions[index] ?? {}] as const);
    const isApart = ([vector]: (typeof asked)[number]): boolean => vector.apart?.[other] !== undefined;
    expect(asked.filter((each) => !isApart(each) && !agree(...each)).map(tell)).toEqual([]);
    // Set apart once, and it agrees by now: its note is to be taken out of the vector.
    expect(asked.filter((each) => isApart(each) && agree(...each)).map(tell)).toEqual([]);
  });
});

const agree = ({ expected }: Vector, { verdict }: Opinion): boolean => verdict === expected;

const tell = ([{ name, expected }, { verdict, refusal }]: readonly [Vector, Opinion]): string =>
  `${name}: ${expected} by us, ${verdict ?? refusal ?? 'no answer'} by it`;
