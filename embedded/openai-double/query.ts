import { ApiError } from './api-error.ts';

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/** Which part: `limit` from 1 to 100, 20 where absent; `after` is the id of the last one seen. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
}

/** Takes only the parameters that are known here, each once. */
export function queryOf(search: URLSearchParams, known: readonly string[]): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of search) {
    const param = name.slice(0, 64);
    if (!known.includes(name))
      throw new ApiError(400, `Unknown parameter: '${param}'.`, { code: 'unknown_parameter', param });
    if (query.has(name))
      throw new ApiError(400, `Duplicate parameter: '${param}'.`, { code: 'duplicate_parameter', param });
    query.set(name, value);
  }
  return query;
}

export function pageRequest(query: ReadonlyMap<string, string>): PageRequest {
  const limit = query.get('limit') ?? '20';
  if (!/^-?\d{1,9}$/.test(limit)) {
    throw new ApiError(400, "Invalid type for 'limit': expected an integer.", {
      code: 'invalid_type',
      param: 'limit',
    });
  }
  if (Number(limit) < 1)
    throw new ApiError(400, "Invalid 'limit': below 1.", { code: 'integer_below_min_value', param: 'limit' });
  if (Number(limit) > 100)
    throw new ApiError(400, "Invalid 'limit': above 100.", {
      code: 'integer_above_max_value',
      param: 'limit',
    });
  const after = query.get('after');
  return { limit: Number(limit), ...(after === undefined ? {} : { after }) };
}

/**
 * The live items after the cursor. Taken from the list with its tombstones, so that an item which was deleted
 * between two pages still marks a place.
 */
export function pageOf<T extends { readonly id: string; readonly deletedAtMs: number | null }>(
  all: readonly T[],
  { limit, after }: PageRequest,
): Page<T> {
  const place = after === undefined ? -1 : all.findIndex(({ id }) => id === after);
  if (after !== undefined && place < 0)
    throw new ApiError(400, "Invalid 'after': no such object.", { code: 'invalid_value', param: 'after' });
  const live = all.slice(place + 1).filter(({ deletedAtMs }) => deletedAtMs === null);
  return { items: live.slice(0, limit), hasMore: live.length > limit };
}
