/** HTTP Basic for OAuth clients: both halves are form-encoded first (RFC 6749 section 2.3.1 and appendix B). */

/** The value of an Authorization header. */
export function basicAuthorization(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;
}

/** As the URL standard serializes a form value: a space is `+`. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
