import type { Circumstances } from '../../lambdas/cedar/review/circumstances.ts';
import type { Explanation } from '../../lambdas/cedar/review/explain.ts';
import type { Change } from '../../lambdas/cedar/review/smallest-changes.ts';
import { inWords } from '../../lambdas/contracts/inventory/duration.ts';
import { conditionText } from './condition-text.ts';
import type { Page } from './page.ts';
import type { Paint } from './paint.ts';
import { plainText } from './plain-text.ts';
import { tableText } from './table.ts';

/** An explanation, with what it is about. */
export interface Explained extends Explanation {
  readonly environment: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly circumstances: Circumstances;
}

/** Why a request is answered as it is. */
export function explanationText(explained: Explained, { paint, width }: Page): string {
  const { says } = explained;
  const head = ['POLICY', 'HOLDS', 'SAYS', 'OF', 'WHERE', 'FILE'].map((text) => ({
    text,
    paint: paint.faint,
  }));
  const rows = says.map(({ id, file, effect, of, holds, where }) => [
    { text: id, paint: holds === 'no' ? paint.faint : paint.strong },
    holds,
    effect,
    of,
    where.length === 0 ? 'always' : conditionText(where),
    file,
  ]);
  return [
    plainText(requestLine(explained)),
    '',
    answerLine(explained, paint),
    ...policyLines(explained),
    '',
    ...(rows.length === 0
      ? ['No policy fits this principal and this resource.']
      : [tableText([head, ...rows], width)]),
    '',
    ...turningLines(explained),
  ].join('\n');
}

function requestLine({ environment, principal, action, resource, circumstances }: Explained): string {
  const { purpose, ttlSeconds, approvals, mfa, breakGlass, source } = circumstances;
  const said = [
    ...(purpose === undefined ? [] : [`for ${purpose}`]),
    ...(ttlSeconds === undefined ? [] : [inWords(ttlSeconds)]),
    ...(purpose === undefined && approvals === 0 ? [] : [approvalWords(approvals)]),
    mfa ? 'with a second factor' : 'without a second factor',
    ...(breakGlass ? ['breaking the glass'] : []),
    ...(source === undefined ? [] : [`from ${source}`]),
  ];
  return `${environment}: ${principal}, ${action} ${resource}, ${said.join(', ')}`;
}

/** The one verdict, as the broker answers where it is asked. */
function answerLine({ verdict, code, why = '', approvers = [], policy }: Explained, paint: Paint): string {
  const policies = plainText(policy.policies.join(', '));
  if (verdict === 'granted') return `${paint.good('granted')} by ${policies}`;
  if (verdict === 'refused')
    return `${paint.bad('refused')}${code === undefined ? '' : ` (${code})`}: ${plainText(why)}`;
  const needed = approvalWords(policy.approvalsNeeded ?? 1);
  return `${paint.odd('approval needed')}: ${needed}, says ${policies}; people who may: ${plainText(approvers.join(', ')) || 'nobody'}`;
}

/** What policy says by itself, where something else decides, and who sees to it. */
function policyLines({
  verdict,
  code,
  enforcedBy,
  policy,
  purposes,
  circumstances,
}: Explained): readonly string[] {
  if (enforcedBy === 'IAM') return ['IAM sees to it, by the same bindings.'];
  if (enforcedBy === 'nobody')
    return [
      'Nobody asks policy for this yet: it says who is meant to have it. docs/policies.md says what decides.',
    ];
  if (verdict !== 'refused' || code === 'POLICY_DENIED') return [];
  const says = policy.allowed ? `would permit it, by ${policy.policies.join(', ')}` : 'would deny it as well';
  const able = purposes?.length === 0 ? 'none' : purposes?.join(', ');
  return [
    plainText(`The broker refuses it before it asks policy, which ${says}.`),
    ...(code === 'PURPOSE_REFUSED' && circumstances.purpose !== undefined
      ? [plainText(`Of the purposes that it is leased for, this principal may state ${able ?? 'none'}.`)]
      : []),
  ];
}

/** What would turn the answer, in the circumstances or else in the inventory. */
function turningLines({ verdict, changes, inventoryChanges }: Explained): readonly string[] {
  const does = verdict === 'granted' ? 'refuse' : 'give';
  if (changes.length > 0) return [`What would ${does} it:`, ...changes.map(changeLine)];
  if (inventoryChanges.length === 0)
    return [
      verdict === 'granted'
        ? 'No change of the circumstances would refuse it.'
        : 'No change of the circumstances or of the inventory that was tried would give it.',
    ];
  return [
    'No circumstances would give it. What would, in the inventory:',
    ...inventoryChanges.map(({ inventory, circumstances }) =>
      plainText(
        `  ${inventory.join(' and ')}${circumstances.length === 0 ? '' : `, with ${circumstances.map(changeWords).join(' and ')}`}`,
      ),
    ),
  ];
}

const changeLine = (changes: readonly Change[]): string =>
  plainText(`  ${changes.map(changeWords).join(' and ')}`);

function changeWords({ what, to }: Change): string {
  switch (what) {
    case 'mfa':
      return to ? 'a second factor' : 'no second factor';
    case 'breakGlass':
      return to ? 'breaking the glass' : 'not breaking the glass';
    case 'approvals':
      return approvalWords(Number(to));
    case 'ttlSeconds':
      return inWords(Number(to));
    default:
      return `for ${String(to)}`;
  }
}

const approvalWords = (count: number): string =>
  count === 0 ? 'no approval' : `${count} approval${count === 1 ? '' : 's'}`;
