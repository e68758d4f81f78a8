import { DOUBLED, isDoubled } from '../../embedded/world/doubled.ts';
import type { CredentialStatus, RotationStatus, StatusReport } from '../../lambdas/report/show-status.ts';
import { authoritiesText } from './authority-text.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { nextCommands, standingOf } from './status-words.ts';
import { tableText } from './table.ts';
import { clockText, lengthText, momentText, withMoments } from './time-words.ts';

/** A seal older than this is late: the alarm's own limit. */
const SEAL_LATE_SECONDS = 300;

/** How everything stands, as a table, with what somebody should do below it. */
export function statusText(report: StatusReport, paint: Paint): string {
  const rows = report.credentials.map((credential) => {
    const { words, mood } = standingOf(credential);
    return [
      { text: credential.name, paint: paint.strong },
      credential.kind,
      credential.owner,
      credential.ageSeconds === undefined ? '–' : lengthText(credential.ageSeconds),
      lengthText(credential.rotateEverySeconds),
      { text: words, paint: paint[mood] },
    ];
  });
  const head = ['CREDENTIAL', 'KIND', 'OWNER', 'AGE', 'EVERY', 'STATE'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const late = report.credentials.filter(isOnlyLate);
  const todo = report.credentials
    .filter((credential) => !late.includes(credential))
    .flatMap((credential) => attentionLines(credential, report.at));
  const authorities = authoritiesText(report.leaseAuthorities ?? [], report.at, paint);
  return [
    headline(report),
    ...(rows.length > 0 ? ['', tableText([head, ...rows])] : []),
    ...(todo.length > 0 ? ['', ...todo] : []),
    ...lateLines(late),
    ...(authorities.length > 0 ? ['', ...authorities] : []),
    ...wholeLines(report),
  ].join('\n');
}

const headline = ({ environment, at, deadLetters, sealAgeSeconds, credentials }: StatusReport): string =>
  [
    environment,
    ...(credentials.some(({ kind }) => isDoubled(environment, kind)) ? [DOUBLED] : []),
    clockText(at),
    `audit sealed ${sealAgeSeconds === undefined ? 'never' : `${lengthText(sealAgeSeconds)} ago`}`,
    `dead letters ${deadLetters}`,
  ].join(' · ');

/** What is wrong with no credential in particular. */
function wholeLines({ deadLetters, sealAgeSeconds }: StatusReport): readonly string[] {
  return [
    ...(deadLetters > 0
      ? [
          '',
          `${deadLetters} dead letter(s) wait to be delivered again, once the cause is mended:`,
          `  lockstep redrive --reason '…'`,
        ]
      : []),
    ...(sealAgeSeconds === undefined || sealAgeSeconds > SEAL_LATE_SECONDS
      ? ['', 'The audit is not being sealed:', '  lockstep audit verify']
      : []),
  ];
}

/** Too old, and nothing else to say of it. */
const isOnlyLate = ({ overdue, hold, rotation }: CredentialStatus): boolean =>
  overdue && !hold && (rotation === undefined || rotation.phase === 'retired');

function lateLines(late: readonly CredentialStatus[]): readonly string[] {
  const [first] = late;
  if (!first) return [];
  return [
    '',
    plainText(`Older than their cadence allows: ${late.map(({ name }) => name).join(', ')}`),
    plainText(`  lockstep rotate ${first.name} --reason '…'`),
  ];
}

function attentionLines(credential: CredentialStatus, now: string): readonly string[] {
  const commands = nextCommands(credential);
  if (commands.length === 0) return [];
  const { name, hold, rotation } = credential;
  const why = hold
    ? `held by ${hold.by}: ${hold.reason}`
    : rotation?.failure
      ? withMoments(rotation.failure, now)
      : standingOf(credential).words;
  return [plainText(`${name}: ${why}`), ...commands.map((command) => `  ${command}`)];
}

/** Everything about one credential. */
export function credentialText(
  credential: CredentialStatus,
  { environment, at }: StatusReport,
  paint: Paint,
): string {
  const { name, kind, strategy, owner } = credential;
  const { words, mood } = standingOf(credential);
  const commands = nextCommands(credential);
  return [
    `${paint.strong(plainText(name))}  ${kind}, ${strategy}, owned by ${owner}, in ${environment}`,
    '',
    tableText([
      ['state', { text: words, paint: paint[mood] }],
      ['current', currentText(credential, at)],
      ['cadence', `every ${lengthText(credential.rotateEverySeconds)}`],
      ...(isDoubled(environment, kind) ? [['target', DOUBLED]] : []),
      ...(credential.hold
        ? [
            [
              'hold',
              `by ${credential.hold.by} since ${momentText(credential.hold.since, at)}: ${credential.hold.reason}`,
            ],
          ]
        : []),
      ...(credential.rotation ? rotationRows(credential.rotation, at) : []),
    ]),
    ...(commands.length > 0 ? ['', 'What you may do:', ...commands.map((command) => `  ${command}`)] : []),
  ].join('\n');
}

function currentText({ current, currentKey, ageSeconds }: CredentialStatus, at: string): string {
  if (current === undefined || ageSeconds === undefined) return 'no version yet';
  const since = new Date(Date.parse(at) - ageSeconds * 1000).toISOString();
  return `${currentKey === undefined ? '' : `${currentKey}, `}version ${current}, since ${momentText(since, at)}`;
}

function rotationRows(rotation: RotationStatus, at: string): readonly (readonly string[])[] {
  const { token, cause, requestedAt, promotedAt, adopted, missing, next, failure, inUse, provenRefusedAt } =
    rotation;
  return [
    ['rotation', `${token}, cause ${cause}`],
    ['requested', momentText(requestedAt, at)],
    ...(promotedAt === undefined ? [] : [['promoted', momentText(promotedAt, at)]]),
    ...adopted.map(({ dependent, by, at: when }) => [
      'adopted',
      `${dependent}, by ${by}, ${momentText(when, at)}`,
    ]),
    ...missing.map(({ dependent, told }) => ['missing', `${dependent}: ${withMoments(told, at)}`]),
    ...(inUse === undefined ? [] : [['in use', withMoments(inUse, at)]]),
    ...(failure === undefined ? [] : [['failure', withMoments(failure, at)]]),
    ...(provenRefusedAt === undefined
      ? []
      : [['old value', `refused by its target, ${momentText(provenRefusedAt, at)}`]]),
    ...(next === 'nothing' ? [] : [['next', withMoments(next, at)]]),
  ];
}
