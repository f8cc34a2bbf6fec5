/** Puts the workspace together: state, person-side actions, Web API, control API, Socket Mode, behind one face. */
import { configureApp, upsertChannel, upsertGroup, upsertUser } from './admin.ts';
import { clickMessage } from './clicks.ts';
import { typeLine } from './commands.ts';
import { createCourier } from './courier.ts';
import { createSockets } from './delivery-socket.ts';
import { createEvents } from './events.ts';
import type { SlackEngine } from './face.ts';
import { createFaults } from './faults.ts';
import { openHomeTab, startMessageShortcut, startShortcut } from './home-and-shortcuts.ts';
import { type AppCredentials, createInstalls } from './installs.ts';
import { changeEphemeral, ephemeralAt } from './messages.ts';
import { actInView, suggestIn } from './modals.ts';
import type { Parts } from './parts.ts';
import { keepSaved, loadState } from './persistence.ts';
import { seenBy } from './person-view.ts';
import { ageResponseUrls } from './response-urls.ts';
import { seedState } from './seed.ts';
import { createStore } from './store.ts';
import { closeTop, submit } from './submissions.ts';
import { createTriggers } from './triggers.ts';
import { createViews } from './views.ts';
import { createWebApi } from './web-api.ts';
import { createWire } from './wire-door.ts';

/** Where the consent page sends people back: one redirect URL, beside the request URL. */
const REDIRECT_PATH = '/slack/oauth_redirect';

export const DEFAULT_REQUEST_URL = 'http://127.0.0.1:8081/slack/events';

export interface EngineOptions {
  botToken: string;
  signingSecret: string;
  /** For Socket Mode; without one `apps.connections.open` answers `invalid_auth`. */
  appToken?: string;
  /** The app's own credentials, for installing it; without them its consent page refuses. */
  credentials?: AppCredentials;
  requestUrl?: string;
  mode?: 'http' | 'socket';
  /** File that keeps the state; without one it lives in memory. */
  statePath?: string;
  /** Milliseconds since the epoch; the real clock unless a test says otherwise. */
  now?: () => number;
  timing?: Partial<Timing>;
}

/** Slack's times in milliseconds. Tests of the workspace itself shorten them. */
export interface Timing {
  ackMs: number;
  triggerMs: number;
  /** Pauses before the three repetitions of an event. Slack: at once, 1 and 5 minutes. */
  eventRetryMs: readonly number[];
  pingMs: number;
}

const TIMING: Timing = { ackMs: 3000, triggerMs: 3000, eventRetryMs: [50, 1000, 5000], pingMs: 10_000 };

/** The engine. `origin` gives the server's address once it listens. */
export function createEngine(options: EngineOptions, origin: () => string): SlackEngine {
  const timing = { ...TIMING, ...options.timing };
  const now = options.now ?? Date.now;
  const requestUrl = options.requestUrl ?? DEFAULT_REQUEST_URL;
  const saved = options.statePath ? loadState(options.statePath) : undefined;
  const fresh = () => {
    const state = seedState(requestUrl);
    return { ...state, app: { ...state.app, mode: options.mode ?? 'http' } };
  };
  // How the app is installed is this run's business; what was said, and who is there, is the file's.
  const store = createStore(saved ? { ...saved, app: fresh().app } : fresh(), now);
  const file = options.statePath ? keepSaved(store, options.statePath) : undefined;

  const sockets = createSockets(
    () => store.state.app.id,
    () => store.changed({ kind: 'socket' }),
    timing.pingMs,
  );
  const parts: Parts = {
    store,
    views: createViews(store),
    triggers: createTriggers(now, timing.triggerMs),
    courier: createCourier(store, sockets, options.signingSecret, timing.ackMs),
    sockets,
    faults: createFaults(),
    offered: new Map(),
    installs: createInstalls(store),
    credentials: options.credentials,
    redirectUrl: () => new URL(REDIRECT_PATH, store.state.app.request_url).href,
    origin,
  };
  const events = createEvents(parts, timing.eventRetryMs);
  const api = createWebApi(parts, { bot: options.botToken, app: options.appToken ?? '' });

  const engine: SlackEngine = {
    get apiUrl() {
      return `${origin()}/api/`;
    },
    get state() {
      return store.state;
    },
    seenBy: (user) => seenBy(store, user),
    deliveries: () => parts.courier.log(),
    calls: api.calls,
    sockets: sockets.list,
    subscribe: store.subscribe,

    typeCommand: (user, channel, text, how = {}) => typeLine(parts, user, channel, text, how.force ?? false),
    click: (user, click) => clickMessage(parts, user, click),
    viewAction: (user, act) => actInView(parts, user, act),
    suggest: (user, what) => suggestIn(parts, user, what),
    submitView: (user, values = {}, how = {}) => submit(parts, user, values, how),
    closeView: (user, how = {}) => closeTop(parts, user, how.all ?? false),
    openHome: async (user) => openHomeTab(parts, events, user),
    shortcut: (user, callbackId) => startShortcut(parts, user, callbackId),
    messageShortcut: (user, on) => startMessageShortcut(parts, user, on),
    dismiss(user, { notice, ephemeral }) {
      store.state.notices[user] = (store.state.notices[user] ?? []).filter((n) => n.id !== notice);
      const shown = ephemeral === undefined ? undefined : ephemeralAt(store, user, ephemeral);
      if (shown) changeEphemeral(store, shown);
      store.changed({ kind: 'notice', user });
    },

    sendEvent: (event, eventId, team) => events.send(event, eventId, team),
    uninstall: (team) => parts.installs.remove(team),
    deliver: async (forged) => parts.courier.forge(forged),
    upsertUser: (user) => upsertUser(parts, events, user),
    upsertGroup: (group) => upsertGroup(store, group),
    upsertChannel: (channel) => upsertChannel(store, channel),
    configure: (change) => configureApp(store, change),
    addFault: parts.faults.add,
    clearFaults: parts.faults.clear,
    faults: parts.faults.pending,
    age: (what, ms) => (what === 'triggers' ? parts.triggers.age(ms) : ageResponseUrls(store, ms)),
    socket: (action, connection) => sockets.act(action, connection),
    violations: () => store.state.violations,
    reset() {
      parts.triggers.clear();
      parts.faults.clear();
      parts.courier.clear();
      parts.offered.clear();
      parts.installs.clear();
      api.clear();
      const { request_url, mode } = store.state.app;
      const state = seedState(request_url);
      store.replace({ ...state, app: { ...state.app, mode } });
    },

    handle: (req, res) => wire.handle(req, res),
    upgrade: (req, socket, head) => wire.upgrade(req, socket, head),
    async close() {
      events.stop();
      sockets.close();
      file?.flush();
    },
  };

  const wire = createWire(parts, api, engine);
  return engine;
}
