import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { StatusReport, CredentialStatus } from '../../lambdas/report/show-status.ts';
import type { ServiceStatus } from '../services/attempt-log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { serviceNames } from '../runtime/workspace-services.ts';

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
}

export async function glance(runtime: Runtime): Promise<Glance> {
  const status = (await runtime.world.pipeline.report({ query: 'status' })) as StatusReport;
  const services = serviceNames(runtime.inventory).flatMap((name) => serviceStatus(runtime, name));
  return { status, services, pages: runtime.pages.pages().length };
}

function serviceStatus({ folder }: Runtime, name: string): readonly ServiceStatus[] {
  try {
    return [JSON.parse(readFileSync(join(folder.service(name), 'status.json'), 'utf8')) as ServiceStatus];
  } catch {
    // Not up yet.
    return [];
  }
}

/** The view as lines, no wider than the terminal. */
export function glanceLines({ status, services, pages }: Glance, columns: number): readonly string[] {
  const names = Math.max(12, ...status.credentials.map(({ name }) => name.length));
  return [
    `Lockstep · ${status.environment} · ${status.at.slice(11, 19)} UTC · Ctrl-C stops everything`,
    '',
    ...status.credentials.map((credential) => credentialLine(credential, names)),
    '',
    ...services.map(
      ({ name, served, failed, readsFailed }) =>
        `${name.padEnd(names)}  served ${String(served).padStart(6)}   failed ${String(failed).padStart(3)}${readsFailed > 0 ? `   reads failed while the runtime was away ${readsFailed}` : ''}`,
    ),
    '',
    `audit sealed ${status.sealAgeSeconds === undefined ? 'never' : `${Math.round(status.sealAgeSeconds)} s ago`} · dead letters ${status.deadLetters} · pages ${pages}`,
  ].map((line) => (line.length > columns ? `${line.slice(0, Math.max(0, columns - 1))}…` : line));
}

function credentialLine(
  { name, currentKey, ageSeconds, hold, rotation }: CredentialStatus,
  width: number,
): string {
  const phase = rotation?.phase ?? 'not rotated yet';
  const stage = STAGES.indexOf(phase);
  const bar =
    stage < 0 ? ' '.repeat(STAGES.length) : '■'.repeat(stage + 1) + '·'.repeat(STAGES.length - stage - 1);
  const missing = rotation?.missing.map(({ dependent }) => dependent).join(', ');
  const note = hold
    ? `held by ${hold.by}`
    : rotation?.failure && phase === 'failed'
      ? rotation.failure.slice(0, 60)
      : missing
        ? `waits for ${missing}`
        : '';
  const age = ageSeconds === undefined ? '' : `${Math.round(ageSeconds)} s old`;
  return `${name.padEnd(width)}  ${bar}  ${phase.padEnd(12)} ${(currentKey ?? '').slice(0, 14).padEnd(15)} ${age.padStart(8)}  ${note}`.trimEnd();
}

/** What changed between two glances, a line each: the view where nothing can be updated in place. */
export function changes(before: Glance | undefined, now: Glance): readonly string[] {
  const was = new Map(
    before?.status.credentials.map(({ name, rotation }) => [name, `${rotation?.token} ${rotation?.phase}`]),
  );
  return now.status.credentials
    .filter(({ name, rotation }) => rotation && was.get(name) !== `${rotation.token} ${rotation.phase}`)
    .map(({ name, rotation, currentKey }) => {
      const missing = rotation?.missing.map(({ dependent }) => dependent).join(', ');
      const waits = rotation?.phase === 'adopting' && missing ? `, waits for ${missing}` : '';
      return `${now.status.at.slice(11, 19)}  ${name}: ${rotation?.phase}${waits}${currentKey ? ` (current: ${currentKey})` : ''}`;
    });
}
