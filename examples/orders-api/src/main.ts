/** Runs the orders API beside the house that `npm start` starts; each default is that house's. */
import { createResourceServer, type ResourceServerOptions } from '@sallyport/resource-server';
import { makeOrdersApi } from './server.ts';

const {
  ISSUER = 'http://localhost:8080',
  AUDIENCE = 'https://orders-db.acme.test',
  PORT = '8090',
  PUBLIC_URL = `http://localhost:${PORT}`,
  CLIENT_ID = 'orders-api',
  CLIENT_SECRET = 'orders-api-demo-secret',
  REVOCATIONS = 'feed',
  INTROSPECTION = REVOCATIONS === 'none' ? 'always' : 'on-doubt',
} = process.env;

const REVOCATION_SOURCES: Readonly<Record<string, ResourceServerOptions['revocations']>> = {
  feed: 'feed',
  'status-list': 'status-list',
  none: 'none',
};
const INTROSPECTIONS: Readonly<Record<string, ResourceServerOptions['introspection']>> = {
  never: 'never',
  always: 'always',
  'on-doubt': 'on-doubt',
};

const access = createResourceServer({
  issuer: ISSUER,
  audience: AUDIENCE,
  publicUrl: PUBLIC_URL,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  revocations: chosen(REVOCATION_SOURCES, REVOCATIONS),
  introspection: chosen(INTROSPECTIONS, INTROSPECTION),
});
const app = makeOrdersApi({ access, say: (line) => console.log(line) });

await app.listen({ host: '127.0.0.1', port: Number(PORT) });
console.log(`orders API on ${PUBLIC_URL}, for tokens of ${ISSUER} with audience ${AUDIENCE}`);
access.ready().then(
  () => console.log('ready'),
  (problem: unknown) => console.error(`${String(problem)}; until it is, calls get 503`),
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());

/** A misspelled choice must not become a default. */
function chosen<T>(choices: Readonly<Record<string, T>>, name: string): T | undefined {
  if (!Object.hasOwn(choices, name)) throw new TypeError(`${name} is none of: ${Object.keys(choices).join(', ')}`);
  return choices[name];
}
