import { httpDouble, type HttpDouble, type WireAnswer } from './http-double.ts';

/** A schedule as it was put. */
export type Schedule = Readonly<Record<string, unknown>>;

/** What shall go wrong once with the next request of a method; a function happens before it is carried out. */
interface SchedulerMishap {
  readonly method: string;
  readonly answer: WireAnswer | (() => void);
}

/** EventBridge Scheduler's REST interface for one group. */
export interface SchedulerDouble extends HttpDouble {
  readonly schedules: Map<string, Schedule>;
  fail(mishap: SchedulerMishap): void;
  /** Fires what is due at that moment and deletes it: gives the `Input` of each, in order of time. */
  fireDue(now: Date): readonly string[];
}

/** An error as Scheduler says it. */
export const schedulerRefusal = (status: number, code: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ Message: `said ${code}` }),
});

/** Starts one. */
export async function schedulerDouble(group: string): Promise<SchedulerDouble> {
  const schedules = new Map<string, Schedule>();
  const mishaps: SchedulerMishap[] = [];
  const http = await httpDouble('scheduler', ({ method, path, body, query }) => {
    const name = /^\/schedules\/([0-9a-zA-Z-_.]{1,64})$/.exec(path)?.[1];
    if (name === undefined) throw new Error(`${method} ${path} is no schedule`);
    const at = mishaps.findIndex((mishap) => mishap.method === method);
    const mishap = at < 0 ? undefined : mishaps.splice(at, 1)[0]?.answer;
    if (mishap !== undefined && typeof mishap !== 'function' && mishap !== 'lose') return mishap;
    if (typeof mishap === 'function') mishap();
    const done =
      method === 'DELETE' ? remove(schedules, group, name, query) : put(schedules, group, method, name, body);
    return mishap === 'lose' ? 'lose' : done;
  });
  return {
    ...http,
    schedules,
    fail: (mishap) => void mishaps.push(mishap),
    fireDue: (now) => fireDue(schedules, now),
  };
}

function remove(
  schedules: Map<string, Schedule>,
  group: string,
  name: string,
  query: Readonly<Record<string, string>>,
): WireAnswer {
  if (query['groupName'] !== group) throw new Error(`group ${query['groupName']}`);
  return schedules.delete(name)
    ? { status: 200, body: '{}' }
    : schedulerRefusal(404, 'ResourceNotFoundException');
}

function put(
  schedules: Map<string, Schedule>,
  group: string,
  method: string,
  name: string,
  body: string,
): WireAnswer {
  const { ClientToken: token, ...schedule } = JSON.parse(body) as Schedule;
  if (schedule['GroupName'] !== group || typeof token !== 'string') throw new Error(`unexpected ${body}`);
  const existing = schedules.get(name);
  if (method === 'POST' && existing && existing['token'] !== token)
    return schedulerRefusal(409, 'ConflictException');
  if (method === 'PUT' && !existing) return schedulerRefusal(404, 'ResourceNotFoundException');
  schedules.set(name, { ...schedule, token });
  return { status: 200, body: JSON.stringify({ ScheduleArn: `arn:${name}` }) };
}

/** When a schedule fires: Scheduler looks at the minute and not at the second, so it may fire up to 59 s early. */
function firesAt(schedule: Schedule): number {
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d\)$/.exec(String(schedule['ScheduleExpression']))?.[1];
  if (at === undefined) throw new Error(`${String(schedule['ScheduleExpression'])} is no one-time schedule`);
  return Date.parse(`${at}:00Z`);
}

function fireDue(schedules: Map<string, Schedule>, now: Date): readonly string[] {
  const due = [...schedules].filter(([, schedule]) => firesAt(schedule) <= now.getTime());
  for (const [name] of due) schedules.delete(name);
  return due
    .sort(([, a], [, b]) => firesAt(a) - firesAt(b))
    .map(([, schedule]) => String((schedule['Target'] as Schedule)['Input']));
}
