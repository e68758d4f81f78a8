/** A text in SQL. The session has no mode by which a backslash would mean itself. */
export const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\u0000', '\\0')}'`;

/** Who may log in whence, as MySQL names an account. */
export interface Account {
  readonly user: string;
  readonly host: string;
}

/** An account in SQL. */
export const account = ({ user, host }: Account): string => `${quoted(user)}@${quoted(host)}`;

/** A role in SQL. A role is an account that everybody could use, if it could be used. */
export const role = (name: string): string => account({ user: name, host: '%' });

/** A condition in SQL: a column has one of these texts. */
export const isOneOf = (column: string, texts: readonly string[]): string =>
  `${column} IN (${texts.map(quoted).join(', ')})`;
