import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyRecord,
  either,
  exactRecord,
  exactly,
  fit,
  flag,
  instant,
  listOf,
  mapOf,
  number,
  oneOf,
  optional,
  parseJson,
  record,
  text,
  type Check,
} from '../../lambdas/contracts/check.ts';
import { isLockstepError } from '../../lambdas/core/errors.ts';

interface Thing {
  readonly name: string;
  readonly size?: number;
  readonly parts: readonly { readonly on: boolean }[];
}
const thing = record<Thing>({
  name: text,
  size: optional(number),
  parts: listOf(record<{ readonly on: boolean }>({ on: flag })),
});

const messageOf = (check: Check<unknown>, value: unknown): string => {
  try {
    fit(check, value, 'MALFORMED_REQUEST', 'a thing');
  } catch (error) {
    if (isLockstepError(error, 'MALFORMED_REQUEST')) return error.message;
    throw error;
  }
  return 'taken';
};

describe('a record', () => {
  it('comes back with its declared fields and no others', () => {
    const value = { name: 'x', parts: [{ on: true, off: 1 }], secret: 'not-a-real' };
    expect(thing(value, '')).toEqual({ name: 'x', parts: [{ on: true }] });
    expect(thing({ name: 'x', size: 3, parts: [] }, '')).toEqual({ name: 'x', size: 3, parts: [] });
  });

  it.each([
    [{ parts: [] }, 'a thing: name should be a text of 1 to 4096 characters, found nothing'],
    [{ name: 7, parts: [] }, 'a thing: name should be a text of 1 to 4096 characters, found number'],
    [{ name: '', parts: [] }, 'a thing: name should be a text of 1 to 4096 characters, found one of 0'],
    [{ name: 'x', parts: {} }, 'a thing: parts should be a list, found object'],
    [
      { name: 'x', parts: [{ on: true }, { on: 'yes' }] },
      'a thing: parts[1].on should be true or false, found string',
    ],
    [{ name: 'x', size: null, parts: [] }, 'a thing: size should be a number, found null'],
    [[], 'a thing: the whole should be an object, found a list'],
    [null, 'a thing: the whole should be an object, found null'],
  ])('says where and what was expected: %j', (value, message) => {
    expect(messageOf(thing, value)).toBe(message);
  });

  it('does not take what an object inherits for a field', () => {
    expect(messageOf(thing, Object.create({ name: 'x', parts: [] }))).not.toBe('taken');
    const named = record<{ readonly constructor: string }>({ constructor: text });
    expect(messageOf(named as Check<unknown>, {})).not.toBe('taken');
    // `as never`: the types know that every object has a constructor
    const optionallyNamed = record({ constructor: optional(text) } as never);
    expect(messageOf(optionallyNamed, {})).toBe('taken');
  });
});

describe('single values', () => {
  it.each<[string, Check<unknown>, readonly unknown[], readonly unknown[]]>([
    ['text', text, ['x', 'y'.repeat(4096)], ['', 'y'.repeat(4097), 1, null, undefined, ['x']]],
    ['number', number, [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, '1', null]],
    ['flag', flag, [true, false], [0, 'true', null]],
    [
      'instant',
      instant,
      ['2026-11-24T09:00:00.000Z', '2026-11-24T09:00:00Z'],
      ['2026-11-24', '2026-13-24T09:00:00Z', '2026-11-24T09:00:00+01:00', 0],
    ],
    ['oneOf', oneOf('a', 'b'), ['a', 'b'], ['c', '', null]],
    ['exactly', exactly(true), [true], [false, 'true', 1]],
    ['anyRecord', anyRecord, [{}, { a: 1 }], [[], null, 'x']],
    ['mapOf', mapOf(number), [{}, { a: 1 }], [{ a: 'x' }, []]],
    ['either', either(number, oneOf('unknown')), [1, 'unknown'], ['x', null]],
  ])('%s', (_name, check, good, bad) => {
    for (const value of good) expect(messageOf(check, value)).toBe('taken');
    for (const value of bad) expect(messageOf(check, value)).not.toBe('taken');
  });
});

it('never quotes a value or an undeclared key, whatever is sent', () => {
  const canary = 'c4n4ry-not-a-real-secret';
  const leaf = fc.constantFrom<unknown>(canary, { [canary]: canary }, [canary], 7, null);
  const field = fc.constantFrom('name', 'size', 'parts', canary);
  const sent = fc.oneof(
    leaf,
    fc.dictionary(field, fc.oneof(leaf, fc.array(fc.dictionary(fc.constantFrom('on', canary), leaf)))),
  );
  fc.assert(
    fc.property(sent, (value) => {
      expect(messageOf(thing, value)).not.toContain(canary);
      expect(messageOf(mapOf(thing), value)).not.toContain(canary);
      expect(messageOf(exactRecord({ name: text }), value)).not.toContain(canary);
      expect(messageOf(either(thing, oneOf('x')), value)).not.toContain(canary);
    }),
  );
});

it('refuses a field that is not known by its name, where that is the name of a field', () => {
  const check = exactRecord<{ readonly ttlSeconds?: number }>({ ttlSeconds: optional(number) });
  expect(messageOf(check, { ttlSeconds: 10 })).toBe('taken');
  expect(messageOf(check, { ttlSecond: 10 })).toContain('no field ttlSecond; there are ttlSeconds');
  expect(messageOf(exactRecord({}), { who: 1 })).toContain('no field who; it has no fields at all');
});

it('lets errors through that are not about the value', () => {
  const broken: Check<string> = () => {
    throw new TypeError('a mistake of ours');
  };
  expect(() => fit(broken, 1, 'MALFORMED_REQUEST', 'x')).toThrow(TypeError);
  expect(() => fit(either(broken, text), 'x', 'MALFORMED_REQUEST', 'x')).toThrow(TypeError);
});

it('reads JSON, and of what is not says only that', () => {
  expect(parseJson('{"a":1}', 'MALFORMED_REQUEST', 'a thing')).toEqual({ a: 1 });
  expect(() => parseJson('not-a-real-secret', 'MALFORMED_REQUEST', 'a thing')).toThrow(
    expect.objectContaining({ code: 'MALFORMED_REQUEST', message: 'a thing: not JSON' }),
  );
});
