import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { StatusReport, CredentialStatus } from '../../lambdas/report/show-status.ts';
import type { ServiceStatus } from '../services/attempt-log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { DOUBLED } from '../world/doubled.ts';
import { serviceNames } from '../world/local-services.ts';
import { fitLine } from './fit-lines.ts';

/** The stages that a bar counts, in order. */
const STAGES = [
  'requested',
  'issued',
  'installed',
  'verified',
  'promoted',
  'adopting',
  'adopted',
  'disabled',
  'retired',
];

/** How everything stands now, for the view. */
export interface Glance {
  readonly status: StatusReport;
  readonly services: readonly ServiceStatus[];
  readonly pages: number;
  /** What fails inside the runtime at this time, and is tried again. */
  readonly trouble?: string;
}

/** A trouble that has not come again for so long is over. */
const TROUBLE_MS = 15_000;

export async function glance(runtime: Runtime): Promise<Glance> {
  const status = (await runtime.world.pipeline.report({ query: 'status' })) as StatusReport;
  const services = serviceNames(runtime.inventory).flatMap((name) => serviceStatus(runtime, name));
  const trouble = runtime.lastTrouble();
  const isNow = trouble !== undefined && Date.now() - Date.parse(trouble.at) < TROUBLE_MS;
  return {
    status,
    services,
    pages: runtime.pages.pages().length,
    ...(isNow ? { trouble: trouble.text } : {}),
  };
}

function serviceStatus({ folder }: Runtime, name: string): readonly ServiceStatus[] {
  try {
    return [JSON.parse(readFileSync(join(folder.service(name), 'status.json'), 'utf8')) as ServiceStatus];
  } catch {
    // Not up yet.
    return [];
  }
}

/** From here on a line has room for what is current and what is waited for. */
const WIDE = 100;

/** The view as lines, no wider than the terminal. What a row has no room for is told below. */
export function glanceLines({ status, services, pages, trouble }: Glance, width: number): readonly string[] {
  const names = Math.max(12, ...status.credentials.map(({ name }) => name.length));
  const sealed = status.sealAgeSeconds === undefined ? 'never' : `${Math.round(status.sealAgeSeconds)} s ago`;
  return [
    `Lockstep · ${status.environment} · ${status.at.slice(11, 19)} UTC · Ctrl-C stops everything`,
    '',
    ...status.credentials.map((credential) => cutTo(width, credentialLine(credential, names, width))),
    '',
    ...services.map((service) => cutTo(width, serviceLine(service, names))),
    '',
    ...fitLine(
      `audit sealed ${sealed} · dead letters ${status.deadLetters} · pages ${pages} · ${DOUBLED}`,
      width,
    ),
    ...status.credentials.flatMap((credential) => troubleLines(credential, width)),
    ...(trouble === undefined ? [] : ['', ...fitLine(`Tried again: ${trouble}`, width)]),
  ];
}

function credentialLine(credential: CredentialStatus, names: number, width: number): string {
  const { name, currentKey, ageSeconds } = credential;
  const phase = credential.rotation?.phase ?? 'not rotated yet';
  const key = width >= WIDE ? `${(currentKey ?? '').slice(0, 14).padEnd(15)} ` : '';
  const age = ageSeconds === undefined ? '' : `${Math.round(ageSeconds)} s old`;
  return `${name.padEnd(names)}  ${barOf(phase)}  ${phase.padEnd(12)} ${key}${age.padStart(8)}  ${noteOf(credential)}`.trimEnd();
}

function barOf(phase: string): string {
  const stage = STAGES.indexOf(phase);
  return stage < 0
    ? ' '.repeat(STAGES.length)
    : '■'.repeat(stage + 1) + '·'.repeat(STAGES.length - stage - 1);
}

function noteOf({ hold, rotation }: CredentialStatus): string {
  if (hold) return `held by ${hold.by}`;
  const missing = missingOf(rotation);
  if (missing !== '') return `waits for ${missing}`;
  return rotation?.phase === 'failed' ? 'tried again, see below' : '';
}

const missingOf = (rotation: CredentialStatus['rotation']): string =>
  rotation?.missing.map(({ dependent }) => dependent).join(', ') ?? '';

const serviceLine = ({ name, served, failed, readsFailed }: ServiceStatus, names: number): string =>
  `${name.padEnd(names)}  served ${String(served).padStart(6)}   failed ${String(failed).padStart(3)}` +
  (readsFailed > 0 ? `   and ${readsFailed} reads while the runtime was away` : '');

/** What keeps a credential from going on, in full: it names the next move. */
function troubleLines({ name, hold, rotation }: CredentialStatus, width: number): readonly string[] {
  const told = [
    ...(hold ? [`${name} is held by ${hold.by}: ${hold.reason}`] : []),
    ...(rotation?.failure ? [`${name}: ${rotation.failure}`] : []),
  ];
  return told.flatMap((line) => ['', ...fitLine(line, width)]);
}

const cutTo = (width: number, line: string): string =>
  line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line;

/** What changed between two glances, a line each: the view where nothing can be updated in place. */
export function changes(before: Glance | undefined, now: Glance): readonly string[] {
  const was = new Map(before?.status.credentials.map((each) => [each.name, standing(each)]));
  const time = now.status.at.slice(11, 19);
  return [
    ...now.status.credentials
      .filter((each) => each.rotation && was.get(each.name) !== standing(each))
      .map((each) => `${time}  ${each.name}: ${changeText(each)}`),
    ...(now.trouble !== undefined && before?.trouble === undefined
      ? [`${time}  tried again: ${now.trouble}`]
      : []),
  ];
}

/** A failure that repeats itself is told once; another one is news. */
const standing = ({ rotation }: CredentialStatus): string =>
  `${rotation?.token} ${rotation?.phase} ${codeIn(rotation?.failure)}`;

function changeText({ rotation, currentKey }: CredentialStatus): string {
  const missing = missingOf(rotation);
  const waits = rotation?.phase === 'adopting' && missing !== '' ? `, waits for ${missing}` : '';
  const failure = rotation?.failure ? `, ${rotation.failure}` : '';
  return `${rotation?.phase}${waits}${failure}${currentKey ? ` (current: ${currentKey})` : ''}`;
}

const codeIn = (failure: string | undefined): string => /[A-Z]+(?:_[A-Z]+)+/.exec(failure ?? '')?.[0] ?? '';
