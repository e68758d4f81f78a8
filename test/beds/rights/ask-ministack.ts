import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../rights/evaluate.ts';
import { bedProgram } from '../launch/install-beds.ts';
import type { Ask, Opinion, Question } from './opinion.ts';

const SCRIPT = fileURLToPath(new URL('ministack/ask.py', import.meta.url));

const VERDICTS: Readonly<Record<string, Verdict>> = {
  Allow: 'allowed',
  ImplicitDeny: 'implicitly-denied',
  Deny: 'explicitly-denied',
};

/** Asks the evaluator that MiniStack guards its own calls with. */
export const askMinistack: Ask = (questions) => {
  const { stdout, stderr, status } = spawnSync(bedProgram('python'), [SCRIPT], {
    input: JSON.stringify(questions.map(asInput)),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0)
    throw new Error(`MiniStack’s evaluator ended with ${String(status)}: ${stderr.slice(-1000)}`);
  const answers = JSON.parse(stdout) as readonly { readonly verdict?: string; readonly refusal?: string }[];
  return answers.map(({ verdict = '', refusal }): Opinion => {
    const known = VERDICTS[verdict];
    return known === undefined ? { refusal: refusal ?? verdict } : { verdict: known };
  });
};

const asInput = ({ request, policies: { identity, boundary, resource } }: Question) => ({
  request: { context: {}, ...request },
  policies: {
    identity: identity.map(({ document }) => document),
    boundary: boundary?.document,
    resource: resource?.document,
  },
});
