import type { CredentialStatus, RotationStatus } from '../../lambdas/report/show-status.ts';

/** How a credential stands, in a few words, and how much that matters. */
export interface Standing {
  readonly words: string;
  readonly mood: 'good' | 'odd' | 'bad';
}

/** What a person reads first of a credential. */
export function standingOf({ adopted, hold, overdue, rotation }: CredentialStatus): Standing {
  if (!adopted) return { words: 'not adopted', mood: 'odd' };
  const phase = rotation ? phaseWords(rotation) : 'never rotated';
  const words = [...(overdue ? ['overdue'] : []), ...(hold ? ['held'] : []), phase].join(', ');
  const isBad = overdue || rotation?.phase === 'failed' || rotation?.phase === 'abandoned';
  const isOdd = hold !== undefined || rotation?.phase === 'rolling-back' || rotation?.inUse !== undefined;
  return { words, mood: isBad ? 'bad' : isOdd ? 'odd' : 'good' };
}

function phaseWords({ phase, missing, endedBecause }: RotationStatus): string {
  switch (phase) {
    case 'retired':
      return endedBecause === undefined ? 'rotated' : `rotated (${endedBecause})`;
    case 'rolled-back':
      return 'rolled back';
    case 'abandoned':
      return 'last rotation given up';
    case 'failed':
      return 'a step failed, tried again';
    case 'rolling-back':
      return missing.length > 0 ? `rolling back, waits for ${namesOf(missing)}` : 'rolling back';
    case 'adopting':
      return missing.length > 0 ? `adopting, waits for ${namesOf(missing)}` : 'adopting';
    default:
      return phase;
  }
}

const namesOf = (missing: RotationStatus['missing']): string =>
  missing.map(({ dependent }) => dependent).join(', ');

/** Whether somebody or something is being waited for: what `status --waiting` shows. */
export const isWaiting = ({ hold, rotation }: CredentialStatus): boolean =>
  hold !== undefined || rotation?.inUse !== undefined || (rotation?.missing.length ?? 0) > 0;

/** The commands that somebody may want to run about a credential, with what each is for. Nothing to do: none. */
export function nextCommands(status: CredentialStatus): readonly string[] {
  const { name, adopted, hold, overdue, rotation } = status;
  if (!adopted) return [`lockstep adopt ${name}`];
  const missing = rotation?.missing ?? [];
  const isOver = rotation === undefined || ['retired', 'rolled-back', 'abandoned'].includes(rotation.phase);
  return [
    ...(rotation?.failure?.includes('TARGET_LACKS_GRANT') && !isOver ? ['lockstep inventory check'] : []),
    ...(missing.length > 0 && hold
      ? [
          `lockstep force ${name} ${missing.map(({ dependent }) => `--dependent ${dependent}`).join(' ')} --reason '…'`,
          `lockstep roll-back ${name} --reason '…'`,
        ]
      : []),
    ...(hold ? [`lockstep release ${name} --reason '…'`] : []),
    ...(overdue && isOver && !hold ? [`lockstep rotate ${name} --reason '…'`] : []),
    ...(rotation?.phase === 'abandoned' ? [`lockstep history ${name}`] : []),
  ];
}
