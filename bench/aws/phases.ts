import { STEPS } from '../../lambdas/core/rotation/rotation.ts';
import type { DeployedStage } from '../../test/beds/deployed/open-stage.ts';
import type { TimedCall } from '../../test/beds/deployed/recorder.ts';
import type { Table } from '../results.ts';
import type { Gone } from './rotate.ts';

interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly milliseconds: number;
  readonly calls: readonly TimedCall[];
}

/** What each phase of rotations took, in the median over some of them. */
export function phaseTable(stage: DeployedStage, rotations: readonly Gone[]): Table {
  const all = rotations.map((gone) => stretchesOf(stage, gone));
  const names = all[0]?.map(({ name }) => name) ?? [];
  const rows = names.map((name) => {
    const same = all.flatMap((stretches) => stretches.filter((each) => each.name === name));
    const of = (count: (stretch: Stretch) => number): string => String(Math.round(median(same.map(count))));
    const by = (service: string) => (stretch: Stretch) =>
      stretch.calls.filter((call) => call.service === service).length;
    return [
      name,
      of(({ milliseconds }) => milliseconds),
      ...['secretsmanager', 'dynamodb', 'lambda', 'scheduler'].map((service) => of(by(service))),
      of(({ calls }) => calls.length),
    ];
  });
  return {
    title: `A PostgreSQL credential with one dependent, by phase (medians of ${rotations.length})`,
    head: ['phase', 'ms', 'Secrets Manager', 'DynamoDB', 'Lambda', 'Scheduler', 'calls in all'],
    rows,
    notes: [
      'Functions run as processes of the bed: times hold beside each other, and say nothing about Lambda. Calls are the same there.',
      'The rotation is one that somebody ordered (`operate`); on schedule `request-rotation` admits it, with the same calls.',
      'Steps and commands are whole invocations. Drain and soak, which the inventory sets, are left out.',
    ],
  };
}

function stretchesOf(
  { recorder, rotations }: DeployedStage,
  { credential, token, from, until }: Gone,
): readonly Stretch[] {
  const mine = recorder.ofFunctions().filter(({ at, parameters }) => {
    const text = JSON.stringify(parameters);
    return at >= from && at <= until && (text.includes(credential) || text.includes(token));
  });
  const steps = rotations.steps.filter((step) => step.token === token && !step.failed);
  const callsIn = (application: string, start: number, milliseconds: number): readonly TimedCall[] =>
    mine.filter(
      (call) => call.application === application && call.at >= start && call.at <= start + milliseconds,
    );
  const target = 'target-postgres';
  const inSteps = STEPS.flatMap((name) =>
    steps
      .filter(({ step }) => step === name)
      .slice(0, 1)
      .map(({ at, milliseconds }) => ({
        name,
        from: at,
        milliseconds,
        calls: callsIn(target, at, milliseconds),
      })),
  );
  const commands = (['disable', 'revoke'] as const).flatMap((name) =>
    mine
      .filter(
        ({ action, parameters }) =>
          action === 'Invoke' && JSON.stringify(parameters).includes(`"do":"${name}"`),
      )
      .slice(-1)
      .map(({ at, milliseconds }) => ({
        name,
        from: at,
        milliseconds,
        calls: callsIn(target, at, milliseconds),
      })),
  );
  const others = [
    'operate',
    'start-rotation',
    'advance-rotation',
    'tell-webhook',
    'acknowledge',
    'append-audit',
    'publish-outbox',
  ];
  return [
    ...inSteps,
    ...commands,
    ...others.map((name) => {
      const calls = mine.filter(({ application }) => application === name);
      const milliseconds = calls.reduce((sum, call) => sum + call.milliseconds, 0);
      return { name: `all of ${name}, its calls alone`, from, milliseconds, calls };
    }),
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
