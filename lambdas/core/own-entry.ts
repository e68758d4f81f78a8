/**
 * What a table that names are put into says of one. Names are those of an inventory, and `constructor` is one: asked
 * plainly, every table would say something of it.
 */
export const ownEntry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
