/** A good token, written differently: forms a strict parser refuses although the signature could still be found true. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const mangledForms = [
  'padded',
  'trailing_space',
  'inner_newline',
  'spare_bits',
  'json_serialization',
  'five_parts',
  'two_parts',
  'standard_alphabet',
] as const;
export type MangledForm = (typeof mangledForms)[number];

/** The token in that form. */
export function mangle(token: string, form: MangledForm): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  switch (form) {
    case 'padded':
      return `${header}.${payload}.${signature}==`;
    case 'trailing_space':
      return `${token} `;
    case 'inner_newline':
      return `${header}.${payload.slice(0, 4)}\n${payload.slice(4)}.${signature}`;
    case 'spare_bits':
      return `${header}.${payload}.${withSpareBits(signature)}`;
    case 'json_serialization':
      return JSON.stringify({ protected: header, payload, signature });
    case 'five_parts':
      return `${token}.${signature}.${signature}`;
    case 'two_parts':
      return `${header}.${payload}`;
    case 'standard_alphabet':
      return `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}=`;
  }
}

/** Sets the bits of the last character that carry nothing: other text, the same bytes. Only where there are such bits. */
function withSpareBits(part: string): string {
  const spare = part.length % 4 === 2 ? 4 : part.length % 4 === 3 ? 2 : 0;
  const last = ALPHABET.indexOf(part.at(-1) ?? 'A');
  return part.slice(0, -1) + (ALPHABET[last | ((1 << spare) - 1)] ?? '');
}
