/** What PostgreSQL 18 with pg_oidc_validator looks at: the line of pg_hba.conf, the token, the map of pg_ident.conf. */
import { audiencesOf, type Published, rule, verified } from './published.ts';

export interface HbaLine {
  readonly user: string;
  readonly issuer: string;
  readonly scope: string;
  readonly map: string;
}

export interface IdentLine {
  readonly map: string;
  readonly identity: string;
  readonly role: string;
}

/** The lines of the two files, as far as they are for `oauth`. */
export function readHba(text: string): readonly HbaLine[] {
  return linesOf(text).map((line) => {
    const [, , user = '', , method, ...options] = line;
    rule(method === 'oauth', 'a line for oauth');
    const option = (name: string): string =>
      options.find((one) => one.startsWith(`${name}=`))?.split(/=(.*)/s)[1] ?? '';
    return { user, issuer: option('issuer'), scope: option('scope'), map: option('map') };
  });
}

export function readIdent(text: string): readonly IdentLine[] {
  return linesOf(text).map(([map = '', identity = '', role = '']) => ({ map, identity, role }));
}

function linesOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => [...line.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', '')));
}

export interface PgConnection {
  readonly role: string;
  readonly token: string;
  readonly nowSeconds: number;
}

/** Throws Broken when the server would refuse. @param audience `pg_oidc_validator.audience`; empty: it is not looked at */
export async function connect(
  hba: readonly HbaLine[],
  ident: readonly IdentLine[],
  audience: string,
  published: Published,
  { role, token, nowSeconds }: PgConnection,
): Promise<void> {
  const line = hba.find(({ user }) => user === role);
  rule(line !== undefined, 'a line for this role');
  const { claims } = await verified(token, published, ['ES256', 'RS256']);
  rule(claims.iss === line.issuer, 'iss is the issuer of the line');
  rule(audience === '' || audiencesOf(claims).includes(audience), 'aud is the audience');
  rule(nowSeconds < claims.exp, 'not over');
  rule(claims.scope === line.scope, 'scope is that of the line, whole');
  const fits = ident.filter((one) => one.map === line.map && one.role === role && isIdentity(one.identity, claims.sub));
  rule(fits.length > 0, 'the map lets this subject be this role');
}

/** A slash begins a regular expression. */
function isIdentity(identity: string, sub: string): boolean {
  return identity.startsWith('/') ? new RegExp(identity.slice(1)).test(sub) : identity === sub;
}
