import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App } from 'aws-cdk-lib';
import { typeIn, type Finding, type TemplateFile } from './finding.ts';

/** What cfn-guard says may take this many bytes: it tells the whole of each resource that it does not like. */
const MOST_OUTPUT = 2 ** 28;

/**
 * AWS's rules of Control Tower, by cfn-guard. All of them are proposals here: whether an account has such a control is
 * the account's to say.
 *
 * In this suite and not at every synthesis: the rules take half a minute for the example and more for a large
 * workspace, the program is no smaller than 36 MB, and there is none for Windows.
 */
export function guardFindings(files: readonly TemplateFile[]): readonly Finding[] {
  const validator = new CfnGuardValidator({ maxBuffer: MOST_OUTPUT });
  const { violations } = validator.validate({
    // Asked of files: it looks at no app.
    appConstruct: new App(),
    templatePaths: files.map(({ path }) => path),
  });
  return violations.flatMap(({ description, violatingResources }) => {
    const [, rule = description, message = description] = /^\[([^\]]+)\]:\s*(.*)$/s.exec(description) ?? [];
    return violatingResources.map(({ templatePath, resourceLogicalId }): Finding => {
      // Where a rule is about all resources of a template, it names none.
      const resource = resourceLogicalId as string | undefined;
      return {
        ruleSet: 'cfn-guard',
        rule,
        level: 'warning',
        template: templatePath,
        resource,
        type: typeIn(files, templatePath, resource),
        message,
      };
    });
  });
}
