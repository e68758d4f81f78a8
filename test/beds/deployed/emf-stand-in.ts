import { bedJson } from './bed-json.ts';

/** The field in which a line says that it is one. */
const EMBEDDED = '_aws';

/** A line in CloudWatch's embedded metric format. */
interface EmfLine {
  readonly [EMBEDDED]: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

interface LogEvent {
  readonly eventId?: string;
  readonly timestamp: number;
  readonly message: string;
}

/**
 * CloudWatch Logs' part: takes metrics out of the functions' logs and puts them into CloudWatch. The bed leaves them in
 * the log.
 */
export class EmfStandIn {
  readonly #url: string;
  readonly #groups: readonly string[];
  readonly #seen = new Set<string>();
  /** Lines of the logs that are no metrics: what a person would read there. */
  readonly said: { readonly group: string; readonly line: string }[] = [];
  /** The lines that are metrics. */
  readonly measured: string[] = [];

  constructor(url: string, groups: readonly string[]) {
    this.#url = url;
    this.#groups = groups;
  }

  /** Takes up what has been logged since the last time. */
  async carry(): Promise<void> {
    for (const group of this.#groups) {
      const { events = [] } = await bedJson<{ readonly events?: readonly LogEvent[] }>(
        this.#url,
        'logs',
        'FilterLogEvents',
        { logGroupName: group },
      );
      for (const [index, event] of events.entries()) {
        const id = `${group} ${event.eventId ?? index}`;
        if (this.#seen.has(id)) continue;
        this.#seen.add(id);
        await this.#carryOne(group, event);
      }
    }
  }

  async #carryOne(group: string, { message }: LogEvent): Promise<void> {
    for (const line of message.trim().split('\n')) {
      const emf = emfIn(line);
      if (emf) {
        this.measured.push(line);
        await this.#put(emf);
      } else this.said.push({ group, line });
    }
  }

  async #put(emf: EmfLine): Promise<void> {
    for (const { Namespace, Dimensions, Metrics } of emf[EMBEDDED].CloudWatchMetrics) {
      const MetricData = Metrics.flatMap(({ Name, Unit }) =>
        Dimensions.map((names) => ({
          MetricName: Name,
          Unit,
          Timestamp: emf[EMBEDDED].Timestamp / 1000,
          Dimensions: names.map((name) => ({ Name: name, Value: String(emf[name]) })),
          ...valuesOf(emf[Name]),
        })),
      );
      await bedJson(this.#url, 'monitoring', 'PutMetricData', { Namespace, MetricData });
    }
  }
}

const valuesOf = (value: unknown): Readonly<Record<string, unknown>> =>
  Array.isArray(value) ? { Values: value.map(Number) } : { Value: Number(value) };

function emfIn(line: string): EmfLine | undefined {
  const at = line.indexOf('{"_aws"');
  if (at < 0) return undefined;
  try {
    return JSON.parse(line.slice(at)) as EmfLine;
  } catch {
    return undefined;
  }
}
