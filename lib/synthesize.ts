/* oxlint-disable no-new -- a construct adds itself to its scope */
import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT, type CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { bundleHandlers, type Bundles } from './bundles/bundle-handlers.ts';
import { TemporaryFunctionCode } from './bundles/function-code.ts';
import { EnvironmentStage } from './environment-stage.ts';
import type { ResolvedEnvironment } from './resolve-environments.ts';

/** What a synthesis may be given besides the environments. */
export interface SynthesizeOptions {
  /** @default as the toolkit that runs the app says */
  readonly app?: AppProps;
  /** @default bundled anew */
  readonly bundles?: Bundles;
}

/**
 * The toolkit takes failing off the app, and then judges the stacks that were asked for on the command line: with stages,
 * a plain `cdk synth` asks for none, and would pass whatever was found. So the app fails by itself.
 */
const FINDINGS_FAIL = { [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: true };

/**
 * Makes the templates of all environments.
 *
 * Throws where a template is not what CloudFormation takes, or breaks a rule of cdk-nag that nobody has acknowledged
 * with a reason: a finding is an error here, never a warning that scrolls by.
 */
export function synthesize(
  environments: readonly ResolvedEnvironment[],
  { app: props = {}, bundles = bundleHandlers() }: SynthesizeOptions = {},
): CloudAssembly {
  const app = new App({ ...props, postCliContext: { ...props.postCliContext, ...FINDINGS_FAIL } });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const code = new TemporaryFunctionCode(bundles);
  try {
    for (const environment of environments) new EnvironmentStage(app, { ...environment, code });
    return app.synth();
  } finally {
    code.dispose();
  }
}
