/** Owns the zod fragments the programs build their environment schemas from. Messages say what to do next and never repeat a value. */
import { z } from 'zod';
import { type Secret, secret } from './secret.ts';

interface SecretTraits {
  /** Why this value is too weak for production, or undefined. */
  readonly weakness: (text: string) => string | undefined;
}

const secretSchemas = z.registry<SecretTraits>();
const WELL_KNOWN = new Set([
  'changeme',
  'change-me',
  'password',
  'secret',
  'default',
  'example',
  'development',
  'test',
]);
const SECRET_LENGTH_MIN = 12;
const AUDIT_KEY_BYTES_MIN = 32;
const AUDIT_KEY_BYTES_MAX = 1024;
const KEY_ENCRYPTION_KEY_BYTES = 32;
const KEY_DISTINCT_BYTES_MIN = 16;

/** pino's levels, as LOG_LEVEL takes them. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The traits of a secret fragment, also below `.optional()`, `.default()`, `.refine()`; undefined for an open one. */
export function secretTraits(schema: z.core.$ZodType): SecretTraits | undefined {
  const own = secretSchemas.get(schema);
  if (own !== undefined) return own;
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNonOptional
  ) {
    return secretTraits(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? secretTraits(schema.def.in) : undefined;
}

function asSecret<S extends z.ZodType>(schema: S, weakness: SecretTraits['weakness']): S {
  secretSchemas.add(schema, { weakness });
  return schema;
}

/** A whole number without unit, with bounds and perhaps a default. The unit belongs into the variable's name. */
export function int(bounds: { readonly min: number; readonly max: number }) {
  const error = `must be a whole number from ${bounds.min} to ${bounds.max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.number().min(bounds.min, { error }).max(bounds.max, { error }));
}

/** A TCP port, 0 to 65535 (0: any free one), with its default. */
export function port(byDefault: number) {
  return int({ min: 0, max: 65_535 }).default(byDefault);
}

/** A host name or address to listen on. */
export function host(byDefault = '127.0.0.1') {
  return z
    .string()
    .regex(/^[\w.:-]{1,253}$/, 'must be a host name or an address')
    .default(byDefault);
}

/** An absolute URL of one of these schemes (http and https unless said) without credentials. Gives the text as it was written. */
export function url(schemes: readonly string[] = ['http', 'https']) {
  return z.string().superRefine((text, ctx) => {
    const problem = urlProblem(text, schemes);
    if (problem !== undefined) ctx.addIssue({ code: 'custom', message: problem });
  });
}

function urlProblem(text: string, schemes: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return `must be an absolute URL (${schemes.map((s) => `${s}://…`).join(' or ')})`;
  const parsed = new URL(text);
  if (!schemes.includes(parsed.protocol.slice(0, -1)))
    return `must be a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`;
  return parsed.username === '' && parsed.password === '' ? undefined : 'must not contain a user name or password';
}

/** A text that is kept secret; also given as NAME_FILE. */
export function secretText() {
  return asSecret(
    z
      .string()
      .regex(/^[^\r\n\0]+$/, 'must be one line')
      .transform((text) => secret(text)),
    weakText,
  );
}

/** A connection address that may carry a password, so a secret; also given as NAME_FILE. Checked for its scheme only: drivers know more forms. */
export function secretUrl(schemes: readonly string[]) {
  const error = `must start with ${schemes.map((s) => `${s}://`).join(' or ')}`;
  return asSecret(
    z
      .string()
      .refine((text) => schemes.some((s) => text.startsWith(`${s}://`)), { error })
      .transform((text) => secret(text)),
    () => undefined,
  );
}

/** DATABASE_URL. */
export function databaseUrl() {
  return secretUrl(['postgres', 'postgresql']);
}

/** REDIS_URL: TCP, TLS, or a unix socket (unix:///path). */
export function redisUrl() {
  return secretUrl(['redis', 'rediss', 'unix']);
}

/** LOG_LEVEL; `info` if absent. */
export function logLevel() {
  return z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info');
}

/** SALLYPORT_ENV; `development` if absent. */
export function sallyportEnv() {
  return z.enum(['development', 'production'], { error: 'must be development or production' }).default('development');
}

/** A comma separated list, trimmed, without empty and repeated members; absent is an empty list. At most 1,000 members. */
export function list() {
  return z
    .string()
    .default('')
    .transform((text) => [...new Set(text.split(',').map((member) => member.trim()))].filter((member) => member !== ''))
    .pipe(z.array(z.string()).max(1_000, 'has more than 1000 members'));
}

/** `1` is true, `0` is false, nothing else. Without a default of its own, so that `.optional()` can tell absent from `0`. */
export function boolean01() {
  return z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((text) => text === '1');
}

/** SALLYPORT_AUDIT_KEY: 32 or more random bytes as hex or base64url; also given as NAME_FILE. */
export function auditKey() {
  return asSecret(
    z.string().transform((text, ctx): Secret<Uint8Array> => {
      const bytes = decodeKey(text);
      if (bytes !== undefined && bytes.length >= AUDIT_KEY_BYTES_MIN && bytes.length <= AUDIT_KEY_BYTES_MAX)
        return secret(bytes);
      ctx.addIssue({
        code: 'custom',
        message: 'must be at least 32 random bytes in hex or base64url; make one with: openssl rand -hex 32',
      });
      return z.NEVER;
    }),
    weakKey,
  );
}

/** SALLYPORT_KEY_ENCRYPTION_KEY: exactly 32 random bytes as hex or base64url; also given as NAME_FILE. */
export function keyEncryptionKey() {
  return asSecret(
    z.string().transform((text, ctx): Secret<Uint8Array> => {
      const bytes = decodeKey(text);
      if (bytes?.length === KEY_ENCRYPTION_KEY_BYTES) return secret(bytes);
      ctx.addIssue({
        code: 'custom',
        message: 'must be 32 random bytes in hex or base64url; make one with: openssl rand -hex 32',
      });
      return z.NEVER;
    }),
    weakKey,
  );
}

/** Even-length hex is read as hex, all else as base64url. Undefined when it is neither. */
function decodeKey(text: string): Uint8Array | undefined {
  const hex = /^[0-9a-f]+$/i.test(text) && text.length % 2 === 0;
  if (!hex && !/^[\w-]+={0,2}$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, hex ? 'hex' : 'base64url'));
}

function weakText(text: string): string | undefined {
  if (WELL_KNOWN.has(text.toLowerCase())) return 'is a well-known default: set a real secret for production';
  if (text.length < SECRET_LENGTH_MIN || new Set(text).size < 4)
    return 'is too weak for production: set a long random one';
  return undefined;
}

/** 32 random bytes have some 30 different values; fewer than 16 means somebody typed or repeated them. */
function weakKey(text: string): string | undefined {
  const bytes = decodeKey(text);
  if (bytes === undefined || new Set(bytes).size >= KEY_DISTINCT_BYTES_MIN) return undefined;
  return 'is not random enough for production; make one with: openssl rand -hex 32';
}
