/** Headers in their order, as they were sent. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Pairs out of Node's flat list. */
export const headerList = (raw: readonly string[]): HeaderList =>
  Array.from({ length: Math.floor(raw.length / 2) }, (_none, at) => [
    raw[2 * at] ?? '',
    raw[2 * at + 1] ?? '',
  ]);

/** Node's flat list out of pairs. */
export const flat = (headers: HeaderList): string[] => headers.flatMap(([name, value]) => [name, value]);

/**
 * A name as everybody reads it at last: servers that put headers into variables take an underscore for a hyphen, so
 * `x_api_key` is `x-api-key` to them.
 */
export const plainName = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/** Every value of a header. */
export const valuesOf = (headers: HeaderList, name: string): readonly string[] =>
  headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);

/** Headers that are about one connection alone (RFC 9110 §7.6.1), or about a proxy. */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What may go on from one connection to the next: neither what is about a connection, nor what `Connection` names as such. */
export function endToEnd(headers: HeaderList): HeaderList {
  const named = new Set(
    valuesOf(headers, 'connection').flatMap((value) =>
      value.split(',').map((each) => plainName(each.trim())),
    ),
  );
  return headers.filter(([name]) => {
    const plain = plainName(name);
    return !OF_ONE_CONNECTION.has(plain) && !plain.startsWith('proxy-') && !named.has(plain);
  });
}
