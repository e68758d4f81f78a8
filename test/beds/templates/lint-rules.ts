import { spawnSync } from 'node:child_process';
import { bedProgram } from '../launch/install-beds.ts';
import { typeIn, type Finding, type TemplateFile } from './finding.ts';

/** One match, as `--format json` tells it. */
interface Match {
  readonly Filename: string;
  readonly Level: string;
  readonly Message: string;
  readonly Rule: { readonly Id: string };
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/** Exit codes of cfn-lint are bits: 2 an error, 4 a warning. 1 is its own failure. */
const FAILED = 1;

/** AWS's linter for templates (https://github.com/aws-cloudformation/cfn-lint). Throws where it did not look. */
export function lintFindings(files: readonly TemplateFile[]): readonly Finding[] {
  const args = ['--format', 'json', '--', ...files.map(({ path }) => path)];
  const { stdout, stderr, status } = spawnSync(bedProgram('cfn-lint'), args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status === null || (status & FAILED) !== 0)
    throw new Error(`cfn-lint ended with ${String(status)}: ${stderr.slice(-1000)}`);
  return (JSON.parse(stdout) as readonly Match[]).map(
    ({ Filename, Level, Message, Rule, Location }): Finding => {
      const [section, id] = Location.Path ?? [];
      const resource = section === 'Resources' && typeof id === 'string' ? id : undefined;
      return {
        ruleSet: 'cfn-lint',
        rule: Rule.Id,
        level: Level === 'Error' ? 'error' : 'warning',
        template: Filename,
        resource,
        type: typeIn(files, Filename, resource),
        message: Message,
      };
    },
  );
}
