/**
 * Who may import whom (ARCHITECTURE.md, "Boundaries"). Checked transitively: `reachable` follows every hop.
 * `scripts/check-boundaries.mjs` runs it and fails when nothing was read (a missing parser passes silently).
 */
const NODE =
  '^(node:|assert|buffer|child_process|crypto|dns|events|fs|http|https|net|os|path|process|stream|tls|url|util|zlib)';
const SHELL = '^lambdas/.*/handler\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'The domain runs in a browser: no AWS, no Node built-in, nobody outside lambdas/core.',
      severity: 'error',
      from: { path: '^lambdas/core' },
      to: {
        reachable: true,
        path: `@aws-sdk|aws-cdk-lib|${NODE}|^lambdas/(?!core)|^(lib|embedded|client|cli|console|bin)/`,
      },
    },
    {
      name: 'contracts-know-only-core-and-kinds',
      severity: 'error',
      from: { path: '^lambdas/contracts' },
      to: {
        path: '^lambdas/(?!core|contracts|(rotators|propagators|leasers)/[^/]+/(kind|capabilities)\\.ts)|^(lib|embedded|client|cli|console|bin)/|@aws-sdk|aws-cdk-lib',
      },
    },
    {
      name: 'kinds-are-data',
      severity: 'error',
      from: { path: '^lambdas/(rotators|propagators|leasers)/[^/]+/(kind|capabilities)\\.ts$' },
      to: {
        path: '.',
        pathNot:
          '^lambdas/core|^lambdas/contracts/targets/|^lambdas/(rotators|propagators|leasers)/[^/]+/(kind|capabilities)\\.ts$|zod',
      },
    },
    {
      name: 'rotators-are-strangers',
      severity: 'error',
      from: { path: '^lambdas/rotators/([^/]+)/' },
      to: { path: '^lambdas/rotators/', pathNot: '^lambdas/rotators/$1/' },
    },
    {
      name: 'propagators-are-strangers',
      severity: 'error',
      from: { path: '^lambdas/propagators/([^/]+)/' },
      to: { path: '^lambdas/propagators/', pathNot: '^lambdas/propagators/$1/' },
    },
    {
      name: 'leasers-are-strangers',
      severity: 'error',
      from: { path: '^lambdas/leasers/([^/]+)/' },
      to: { path: '^lambdas/leasers/', pathNot: '^lambdas/leasers/$1/' },
    },
    {
      name: 'adapters-are-strangers',
      severity: 'error',
      from: { path: '^lambdas/adapters/([^/]+)/' },
      to: { path: '^lambdas/adapters/', pathNot: '^lambdas/adapters/$1/' },
    },
    {
      name: 'the-outside-is-wrapped-once',
      comment:
        'Adapters, rotators, propagators and leasers reach core, contracts and the client they wrap; only handlers wire.',
      severity: 'error',
      from: { path: '^lambdas/(adapters|rotators|propagators|leasers)/', pathNot: SHELL },
      to: {
        path: '^lambdas/(?!core|contracts|adapters|rotators|propagators|leasers|outbound|openai|postgres|mysql|redis|servers)|^(lib|embedded|client|cli|console|bin)/',
      },
    },
    {
      name: 'outbound-is-a-client-of-ours',
      comment:
        'Requests to addresses that others choose, written once: propagators and rotators wrap it as they would a client library. It knows nobody.',
      severity: 'error',
      from: { path: '^lambdas/outbound/' },
      to: {
        path: '^lambdas/(?!core|contracts|outbound)|^(lib|embedded|client|cli|console|bin)/|@aws-sdk|aws-cdk-lib',
      },
    },
    {
      name: 'providers-are-clients-of-ours',
      comment:
        'What a rotator and a leaser of one provider or server share: its API or protocol, its refusals, its values. It knows neither.',
      severity: 'error',
      from: { path: '^lambdas/(openai|postgres|mysql|redis|servers)/' },
      to: {
        path: '^lambdas/(?!core|contracts|outbound|openai|postgres|mysql|redis|servers)|^(lib|embedded|client|cli|console|bin)/|@aws-sdk|aws-cdk-lib',
      },
    },
    {
      name: 'tokens-are-a-client-of-ours',
      comment:
        'Verifies what others signed, with jose, for both worlds. It knows nobody but the way outside.',
      severity: 'error',
      from: { path: '^lambdas/tokens/' },
      to: {
        path: '^lambdas/(?!core|contracts|outbound|tokens)|^(lib|embedded|client|cli|console|bin)/|@aws-sdk|aws-cdk-lib',
      },
    },
    {
      name: 'cedar-is-a-client-of-ours',
      comment:
        'Decides by policies/, written once: the broker, the command line and synthesis wrap it. It knows nobody.',
      severity: 'error',
      from: { path: '^lambdas/cedar/' },
      to: {
        path: '^lambdas/(?!core|contracts|cedar)|^(lib|embedded|client|cli|console|bin)/|@aws-sdk|aws-cdk-lib',
      },
    },
    {
      name: 'use-cases-are-pure-of-adapters',
      severity: 'error',
      from: {
        path: '^lambdas/(?!core|contracts|adapters|rotators|propagators|leasers|outbound|openai|postgres|mysql|redis|servers|cedar|tokens|shell)[^/]+/',
        pathNot: SHELL,
      },
      to: {
        reachable: true,
        path: '@aws-sdk|aws-cdk-lib|^lambdas/(adapters|rotators|propagators|leasers|outbound|openai|postgres|mysql|redis|servers|cedar|tokens)/(?!.*/(kind|capabilities)\\.ts)|^(lib|embedded|client|cli|console|bin)/',
      },
    },
    {
      name: 'infrastructure-calls-nothing',
      severity: 'error',
      from: { path: '^(lib|bin)/' },
      to: {
        reachable: true,
        path: '@aws-sdk/|^lambdas/(?!contracts|core|cedar|(rotators|propagators|leasers)/[^/]+/(kind|capabilities)\\.ts)|^(embedded|client|cli|console)/',
      },
    },
    {
      name: 'the-embedded-world-has-no-sdk',
      comment: 'Rotators and propagators are loaded lazily, by kind.',
      severity: 'error',
      from: { path: '^embedded/' },
      to: { reachable: true, path: '@aws-sdk/|aws-cdk-lib|^lambdas/adapters/|^(lib|cli|bin)/' },
    },
    {
      name: 'clients-hold-no-world',
      comment: 'Whoever asks the broker runs where nothing else of ours does: no store, no target, no SDK.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        reachable: true,
        path: '@aws-sdk/|aws-cdk-lib|^lambdas/(?!core|contracts|outbound)|^(lib|embedded|cli|console|bin)/',
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(cdk\\.out|\\.lockstep|node_modules/(?!@aws-sdk|aws-cdk-lib|zod))' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
