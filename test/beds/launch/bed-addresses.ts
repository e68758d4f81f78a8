import { BedError } from './bed-error.ts';

/** Where the beds of this run listen. */
export interface BedAddresses {
  readonly ministack: string;
  readonly moto: string;
  readonly dynamodbLocal: string;
}

const VARIABLE = 'LOCKSTEP_BEDS';

/** How the tests are told. */
export const asEnvironment = (addresses: BedAddresses): Readonly<Record<string, string>> => ({
  [VARIABLE]: JSON.stringify(addresses),
});

/** The beds that `npm run test:aws` started. Throws `BedError` outside of it. */
export function bedAddresses(): BedAddresses {
  const text = process.env[VARIABLE];
  if (text === undefined)
    throw new BedError(
      1,
      'no bed is running; these tests are run by: npm run test:aws [-- <file or -t name>]',
    );
  return JSON.parse(text) as BedAddresses;
}
