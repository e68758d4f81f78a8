import { CONDITION_KEYS } from '../condition-keys.ts';
import { listOf, type Conditions } from '../policy.ts';
import type { Attempt, Context } from '../request.ts';
import { anotherValue, aText } from './instances.ts';

/** What always holds of a request of ours: TLS, a new one, and that an object is written only where none is. */
const USUAL: Context = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3', 's3:if-none-match': '*' };

/** Every key that such a request may carry, and says that it does not. */
export function quiet(attempt: Attempt): Context {
  const keys = Object.entries(CONDITION_KEYS).filter(([, key]) => !key.derive && key.mayBeIn(attempt));
  return Object.fromEntries(keys.map(([name]) => [name, USUAL[name] ?? null]));
}

/** A value under a key, for which one condition of a statement holds or does not hold. */
export interface Setting {
  readonly name: string;
  readonly value: Context[string];
}

type Settings = (
  name: string,
  wanted: readonly string[],
) => { readonly met: Setting; readonly missed: readonly Setting[] };

const oneOf: Settings = (name, [first = '']) => ({
  met: { name, value: aText(first) },
  missed: [
    { name, value: anotherValue(aText(first)) },
    { name, value: null },
  ],
});

const allOf: Settings = (name, wanted) => {
  const values = wanted.map(aText);
  // With no value at all it holds as well: that is what the `Null` beside it is for.
  return { met: { name, value: values }, missed: [{ name, value: [...values, 'somebody#elses'] }] };
};

/** For each operator of our templates, a value for which it holds and those for which it does not. */
const SETTINGS: Readonly<Record<string, Settings>> = {
  StringEquals: oneOf,
  StringLike: oneOf,
  ArnEquals: oneOf,
  ArnLike: oneOf,
  'ForAllValues:StringEquals': allOf,
  'ForAllValues:StringLike': allOf,
  Bool: (name, [answer = '']) => ({
    met: { name, value: answer },
    missed: [{ name, value: answer === 'true' ? 'false' : 'true' }],
  }),
  NumericLessThan: (name, [limit = '']) => ({
    met: { name, value: String(Number(limit) - 0.1) },
    missed: [{ name, value: limit }],
  }),
  Null: (name, [isMissing]) =>
    isMissing === 'true'
      ? { met: { name, value: null }, missed: [{ name, value: '*' }] }
      : { met: { name, value: 'set beside it' }, missed: [{ name, value: null }] },
};

/** What a request has to say for all conditions of a statement to hold; and each change by which one of them fails. */
export function settingsFor(conditions: Conditions): {
  readonly met: Context;
  readonly misses: readonly Setting[];
} {
  const all = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys)
      // Whoever asks decides over these, and is chosen elsewhere.
      .filter(([name]) => !CONDITION_KEYS[name]?.derive)
      .map(([name, wanted]) => {
        const settings = SETTINGS[operator];
        if (!settings) throw new Error(`say in contexts.ts when ${operator} holds`);
        return settings(name, listOf(wanted));
      }),
  );
  const met = all.map((each) => each.met).filter(({ value }) => value !== 'set beside it');
  return {
    met: Object.fromEntries(met.map(({ name, value }) => [name, value])),
    misses: all.flatMap(({ missed }) => missed),
  };
}
