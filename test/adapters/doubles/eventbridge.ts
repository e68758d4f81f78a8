import { entryBytes } from '../../../lambdas/adapters/eventbridge-bus/batches.ts';
import { jsonDouble, ServiceError, type JsonDouble, type JsonInput } from './json-double.ts';

/** An entry of PutEvents as it crosses. */
export interface BusEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
  readonly EventBusName: string;
  readonly Time: number;
  readonly Resources: readonly string[];
}

/** PutEvents as documented: refuses a request past its limits, and answers for each entry by itself. */
export interface EventBridgeDouble extends JsonDouble {
  readonly taken: readonly BusEntry[];
  /** Events, by our id, that are not taken; once for each mention. */
  failing: string[];
}

/** Starts one. What is taken is also handed on, as a rule would see it. */
export async function eventBridgeDouble(
  handOn: (entry: BusEntry) => void = () => undefined,
): Promise<EventBridgeDouble> {
  const taken: BusEntry[] = [];
  const state: { failing: string[] } = { failing: [] };
  const putOne = (entry: BusEntry): unknown => {
    const { id } = JSON.parse(entry.Detail) as { readonly id: string };
    const at = state.failing.indexOf(id);
    if (at < 0) {
      taken.push(entry);
      handOn(entry);
      return { EventId: `aws-${taken.length}` };
    }
    state.failing.splice(at, 1);
    return { ErrorCode: 'InternalFailure', ErrorMessage: `failed with ${entry.Detail}` };
  };
  const putEvents = (input: JsonInput): unknown => {
    const entries = input['Entries'] as readonly BusEntry[];
    const sizes = entries.map((entry) =>
      entryBytes({ ...entry, Resources: [...entry.Resources], Time: new Date(0) }),
    );
    if (entries.length > 10 || sizes.reduce((sum, size) => sum + size, 0) > 262_144)
      throw new ServiceError(
        'ValidationException',
        'Total size of the entries in the request is over the limit.',
      );
    const results = entries.map(putOne) as readonly { readonly EventId?: string }[];
    return {
      FailedEntryCount: results.filter(({ EventId }) => EventId === undefined).length,
      Entries: results,
    };
  };
  const double = await jsonDouble(
    { signedFor: 'events', target: 'AWSEvents', version: '1.1' },
    { PutEvents: putEvents },
  );
  return {
    ...double,
    taken,
    get failing() {
      return state.failing;
    },
    set failing(ids: string[]) {
      state.failing = ids;
    },
  };
}
