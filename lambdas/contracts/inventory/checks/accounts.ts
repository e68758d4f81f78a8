import { shownAccount } from '../account-words.ts';
import { wholeCredential, type Check, type Draft } from '../draft.ts';
import { quoted } from '../found.ts';
import { problemAt } from '../problem.ts';

/** No account at a target is changed by two credentials, in this environment or in two: each would undo the other's work. */
export const checkAccounts: Check = (draft, others) => {
  const here = claimsOf(draft);
  const elsewhere = draft.isLocal ? [] : others.flatMap(claimsOf);
  return here.flatMap((claim, position) => {
    const rival =
      here.slice(0, position).find((other) => other.account === claim.account) ??
      elsewhere.find((other) => other.account === claim.account);
    if (!rival) return [];
    const where = rival.environment === claim.environment ? '' : ` in ${quoted(rival.environment)}`;
    return [
      problemAt(claim.at, {
        found: `the account ${shownAccount(claim.account)}, which ${quoted(rival.credential)}${where} changes as well`,
        allowed: 'an account that no other credential changes, in this environment or another',
        mend:
          where === ''
            ? 'give each credential an account of its own'
            : `give each environment an account of its own: a map with the keys ${quoted(rival.environment)} and ${quoted(claim.environment)}`,
      }),
    ];
  });
};

function claimsOf(draft: Draft) {
  return draft.credentials.flatMap((credential) => {
    const whole = wholeCredential(credential);
    const accounts = whole ? (credential.kind?.accounts(whole) ?? []) : [];
    return accounts.map((account) => ({
      account,
      at: credential.at,
      credential: credential.name,
      environment: draft.environment,
    }));
  });
}
