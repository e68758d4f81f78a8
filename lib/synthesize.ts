/* oxlint-disable no-new -- a construct adds itself to its scope */
import type { AppProps } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { bundleHandlers, type Bundles } from './bundles/bundle-handlers.ts';
import { TemporaryFunctionCode } from './bundles/function-code.ts';
import { handlersFor } from './bundles/handlers.ts';
import { checkedApp } from './checked-app.ts';
import { EnvironmentStage } from './environment-stage.ts';
import type { ResolvedEnvironment } from './resolve-environments.ts';

/** What a synthesis may be given besides the environments. */
export interface SynthesizeOptions {
  /** @default as the toolkit that runs the app says */
  readonly app?: AppProps;
  /** @default bundled anew */
  readonly bundles?: Bundles;
  /** What leases are decided by (`loadPolicies`). Throws without it where something can be leased. */
  readonly policies?: string | undefined;
}

/** Makes the templates of all environments. Throws where one has a finding. */
export function synthesize(
  environments: readonly ResolvedEnvironment[],
  { app: props = {}, bundles = bundlesFor(environments), policies }: SynthesizeOptions = {},
): CloudAssembly {
  const app = checkedApp(props);
  const code = new TemporaryFunctionCode(bundles, policies);
  try {
    for (const environment of environments) new EnvironmentStage(app, { ...environment, code });
    return app.synth();
  } finally {
    code.dispose();
  }
}

/** The bundles of every function that these environments deploy. */
export const bundlesFor = (environments: readonly ResolvedEnvironment[]): Bundles =>
  bundleHandlers(handlersFor(environments.map(({ inventory }) => inventory)));
