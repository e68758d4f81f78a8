import { NotUnderstood } from '../../../rights/not-understood.ts';
import { asker, type Asked } from '../asked.ts';
import { listIn, nameOf } from '../recorded-call.ts';
import type { Caller, Translation } from './translation.ts';

/** An event as an entry of PutEvents names it. */
interface Entry {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
}

/**
 * One question for each bus, with the sources and the types of all its entries: the two keys hold several values
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html).
 */
export const eventCalls: Translation = (call, caller) => {
  if (call.action !== 'PutEvents') throw new NotUnderstood(`${nameOf(call)} is not described`);
  const entries = listIn(call, 'Entries') as readonly Entry[];
  const buses = new Set(entries.map(({ EventBusName: bus }) => busArn(caller, bus ?? 'default')));
  return [...buses].map((bus) =>
    mayPut(
      caller,
      caller.role,
      bus,
      entries.filter(({ EventBusName: name }) => busArn(caller, name ?? 'default') === bus),
    ),
  );
};

const busArn = ({ site }: Pick<Caller, 'site'>, nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : site.arn('events', `event-bus/${nameOrArn}`);

/** The question whether a role may put events on a bus. */
export function mayPut(
  { site }: Pick<Caller, 'site'>,
  role: string,
  bus: string,
  entries: readonly Entry[],
  because?: string,
): Asked {
  const all = (of: 'Source' | 'DetailType'): readonly string[] => [
    ...new Set(entries.map((entry) => entry[of] ?? '')),
  ];
  const context = { 'events:source': all('Source'), 'events:detail-type': all('DetailType') };
  return asker(role, site.account, because)('events:PutEvents', bus, context);
}
