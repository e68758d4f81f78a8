type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs to run at all, whatever it is. */
const NEEDED: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'JAVA_HOME']);

/** Nowhere to look an account of AWS up. */
const NO_ACCOUNT = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/**
 * The environment of a bed: nothing of whoever started the run. MiniStack hands its own on to the functions that it
 * runs, and reads more than a hundred variables, any of which may be set for another purpose.
 */
export const bareEnvironment = (given: Environment = process.env): Environment => ({
  ...Object.fromEntries(Object.entries(given).filter(([name]) => NEEDED.has(name))),
  ...NO_ACCOUNT,
});

/** The environment of the suite: a client that forgets to name its bed finds nobody to be. */
export const awayFromAws = (given: Environment = process.env): Environment => ({
  ...Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith('AWS_'))),
  ...NO_ACCOUNT,
});
