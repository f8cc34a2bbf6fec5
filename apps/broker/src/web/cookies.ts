/** Cookies of our pages: two, each one sealed text, never readable by a script and never sent in plain where we are https. */

const NAMES = { session: 'sallyport', login: 'sallyport-login' } as const;
export type CookieName = keyof typeof NAMES;

export interface Cookies {
  /** The one value a browser sent under this name; two of them are none: one was planted. */
  read(header: string | undefined, name: CookieName): string | undefined;
  /** A Set-Cookie header that keeps a value for so many seconds; without a value one that ends it. */
  set(name: CookieName, kept?: { readonly value: string; readonly seconds: number }): string;
}

/**
 * Cookies of a server at this issuer address. Over https their names begin with `__Host-`: no other host and no plain
 * connection can set them (RFC 6265bis section 4.1.3.2). Over http, for development, they cannot.
 */
export function makeCookies(issuer: string): Cookies {
  const secure = issuer.startsWith('https:');
  const nameOf = (name: CookieName): string => (secure ? `__Host-${NAMES[name]}` : NAMES[name]);
  return {
    read(header, name) {
      const start = `${nameOf(name)}=`;
      const values = (header ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(start));
      return values.length === 1 ? values[0]?.slice(start.length) : undefined;
    },
    set(name, { value, seconds } = { value: '', seconds: 0 }) {
      const parts = [`${nameOf(name)}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${seconds}`];
      return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
    },
  };
}
