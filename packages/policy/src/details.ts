/** authorization_details (RFC 9396): checked against the JSON Schemas a resource declares for its types. */
import {
  type Detail,
  type DetailsChecker,
  isJsonObject,
  isSoundText,
  type Json,
  type JsonObject,
  type Resource,
  spellJson,
} from '@sallyport/core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** Few and short enough that whoever approves can read them all in Slack. */
const DETAILS_MAX = 5;
const DETAIL_LENGTH_MAX = 2_000;
const DEPTH_MAX = 8;
/** Names that look like indexes have no order of their own in JavaScript: what is hashed must have one. */
const INDEX_LIKE = /^\d+$/;

/** A checker for the schemas of policies. A schema is compiled once; a new policy brings new ones. */
export function makeDetailsChecker(): DetailsChecker {
  const compiled = new WeakMap<JsonObject, ReadonlyMap<string, ValidateFunction>>();
  const schemasOf = ({ authorizationDetails }: Resource): ReadonlyMap<string, ValidateFunction> => {
    const known = compiled.get(authorizationDetails) ?? compileSchemas(authorizationDetails);
    compiled.set(authorizationDetails, known);
    return known;
  };
  return {
    check: (resource, details) => {
      if (details.length === 0 || details.length > DETAILS_MAX) return undefined;
      const schemas = schemasOf(resource);
      const known = details.filter((detail) => isValid(detail, schemas));
      return known.length === details.length ? known : undefined;
    },
  };
}

/** Why a JSON Schema cannot be used for a type of details; undefined when it can. */
export function schemaProblem(schema: JsonObject): string | undefined {
  try {
    validators().compile(schema);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.slice(0, 200) : 'not a JSON Schema';
  }
}

function compileSchemas(types: JsonObject): ReadonlyMap<string, ValidateFunction> {
  const ajv = validators();
  return new Map(
    Object.entries(types).flatMap(([type, schema]) => (isJsonObject(schema) ? [[type, ajv.compile(schema)]] : [])),
  );
}

/** Schemas are the policy author's: a mistake in one is told, not guessed around. Nothing is fetched, coerced or filled in. */
function validators(): Ajv2020 {
  return new Ajv2020({ strict: true, strictRequired: false, allErrors: false, addUsedSchema: false, logger: false });
}

function isValid(detail: Json, schemas: ReadonlyMap<string, ValidateFunction>): detail is Detail {
  if (!isJsonObject(detail) || typeof detail.type !== 'string' || !isPlain(detail, DEPTH_MAX)) return false;
  if (spellJson(detail).length > DETAIL_LENGTH_MAX) return false;
  const { type, ...rest } = detail;
  const schema = schemas.get(type);
  // The type chose the schema: whether a schema names `type` among its members or not, both are meant.
  return schema !== undefined && (schema(detail) === true || schema(rest) === true);
}

/** Of a depth and of names and texts that can be stored, hashed and shown. */
function isPlain(value: Json, depth: number): boolean {
  if (typeof value === 'string') return isSoundText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  if (!isJsonObject(value)) return (value as readonly Json[]).every((one) => isPlain(one, depth - 1));
  return Object.entries(value).every(
    ([name, member]) => !INDEX_LIKE.test(name) && isSoundText(name) && isPlain(member, depth - 1),
  );
}
