import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/**
 * The toolkit takes failing off the app, and then judges the stacks that were asked for on the command line: with stages,
 * a plain `cdk synth` asks for none, and would pass whatever was found. So the app fails by itself.
 */
const FINDINGS_FAIL = { [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: true };

/**
 * An app whose synthesis throws where a template is not what CloudFormation takes, or breaks a rule of cdk-nag that
 * nobody has acknowledged with a reason: a finding is an error, never a warning that scrolls by.
 */
export function checkedApp(props: AppProps): App {
  const app = new App({ ...props, postCliContext: { ...props.postCliContext, ...FINDINGS_FAIL } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}
