/** Owns the connection string of one program: the user that migrated, under the program's own role. */

/** The roles of infra/postgres/roles.sql. */
export type ProgramRole = 'sallyport_broker' | 'sallyport_slack' | 'sallyport_worker';

/** The same database under a role: `options=-c role=…`, beside whatever options it already had. */
export function urlWithRole(url: string, role: ProgramRole): string {
  const changed = new URL(url);
  const before = changed.searchParams.get('options');
  changed.searchParams.set('options', [...(before === null ? [] : [before]), `-c role=${role}`].join(' '));
  // A plus is not a space to everybody who reads connection strings.
  changed.search = changed.search.replaceAll('+', '%20');
  return changed.href;
}
