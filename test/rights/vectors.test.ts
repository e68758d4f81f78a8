import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { policiesOf, vectorFiles } from './vectors.ts';

// What comes of a request under some policies. Others evaluate the same vectors in test/beds/rights.

describe.each([...vectorFiles()])('%s', (_name, file) => {
  it.each(file.cases.map((vector) => [vector.name, vector.expected, vector] as const))(
    '%s: %s',
    (_case, _expected, vector) => {
      expect(evaluate(vector, policiesOf(file, vector)).verdict).toBe(vector.expected);
    },
  );
});
