/** Each program's own database address: under its own role, as far as the connecting user may take it. */
import { urlsWithRoles, usableRoles } from './stores/database.mjs';

const ROLES = { broker: 'sallyport_broker', slack: 'sallyport_slack', worker: 'sallyport_worker' };

/** @returns {Promise<Record<'broker' | 'slack' | 'worker', string>>} after a warning for roles that cannot be had */
export async function databaseUrlsFor(say, databaseUrl) {
  const wanted = Object.values(ROLES);
  const usable = await usableRoles(databaseUrl, wanted);
  const lacking = wanted.filter((role) => !usable.includes(role));
  if (lacking.length > 0) {
    say.warn(
      `No right to use ${lacking.join(', ')}: those programs run with DATABASE_URL's own role. The database's triggers still hold.`,
    );
  }
  const urls = await urlsWithRoles(databaseUrl, usable);
  return Object.fromEntries(Object.entries(ROLES).map(([program, role]) => [program, urls[role] ?? databaseUrl]));
}
