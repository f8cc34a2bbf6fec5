/** Sends every delivery by the way the app is installed (HTTP or socket), keeps a log of them, and forges some for tests. */
import { type Answer, encode, NO_ANSWER, outcomeOf, type Parcel } from './delivery.ts';
import { deliveryHeaders, postToApp } from './delivery-http.ts';
import type { Sockets } from './delivery-socket.ts';
import type { Forged, ForgedOutcome } from './face.ts';
import { slackId } from './ids.ts';
import type { Delivery, DeliveryKind } from './model.ts';
import { commandForm, eventEnvelope } from './payloads.ts';
import { BOUNDS, pushBounded, type Store, WorkspaceRefusal } from './store.ts';

const COPIES_MAX = 100;

export interface Courier {
  send(parcel: Parcel): Promise<Answer>;
  forge(forged: Forged): Promise<ForgedOutcome>;
  log(): readonly Delivery[];
  clear(): void;
}

/** A courier over the store; `ackMs` is Slack's 3 seconds unless a test says otherwise. */
export function createCourier(store: Store, sockets: Sockets, signingSecret: string, ackMs: number): Courier {
  let log: Delivery[] = [];

  const send = async (parcel: Parcel): Promise<Answer> => {
    const { mode } = store.state.app;
    const delivery = record(parcel, mode);
    const answer = mode === 'socket' ? await sockets.send(parcel, ackMs) : await overHttp(parcel, delivery);
    settle(delivery, parcel.kind, answer);
    return answer;
  };

  const overHttp = (parcel: Parcel, delivery: Delivery): Promise<Answer> => {
    const signing = { secret: signingSecret, timestamp: Math.floor(store.now() / 1000) };
    delivery.headers = deliveryHeaders(delivery.content_type, signing, delivery.body, parcel.retry);
    return postToApp(store.state.app.request_url, delivery.body, delivery.headers, ackMs);
  };

  const record = (parcel: Parcel, via: 'http' | 'socket', body?: string): Delivery => {
    const encoded = encode(parcel);
    const delivery: Delivery = {
      id: slackId('DL'),
      at: store.now(),
      kind: parcel.kind,
      via,
      content_type: via === 'http' ? encoded.contentType : 'application/json',
      body: body ?? (via === 'http' ? encoded.body : JSON.stringify(parcel.payload)),
      headers: {},
      outcome: null,
    };
    pushBounded(log, delivery, BOUNDS.deliveriesMax);
    return delivery;
  };

  const settle = (delivery: Delivery, kind: DeliveryKind, answer: Answer): void => {
    delivery.outcome = outcomeOf(answer, answer.error);
    if (answer.late) store.violate('ack_over_3s', kind, `no answer within ${ackMs} ms`);
    store.changed({ kind: 'delivery' });
  };

  /** One forged request over HTTP: whatever the test wants wrong is wrong, the rest is as Slack does it. */
  const forgeHttp = (forged: Forged, parcel: Parcel): Promise<Answer> => {
    const delivery = record(parcel, 'http', forged.raw_body);
    const timestamp = Math.floor(store.now() / 1000) + (forged.skew_seconds ?? 0);
    const signing = { secret: forged.secret ?? signingSecret, timestamp };
    const headers: Record<string, string> = deliveryHeaders(delivery.content_type, signing, delivery.body);
    if (forged.signature === null) delete headers['x-slack-signature'];
    else if (forged.signature !== undefined) headers['x-slack-signature'] = forged.signature;
    for (const [name, value] of Object.entries(forged.headers ?? {})) {
      if (value === null) delete headers[name.toLowerCase()];
      else headers[name.toLowerCase()] = value;
    }
    delivery.headers = headers;
    return finished(delivery, parcel.kind, postToApp(store.state.app.request_url, delivery.body, headers, ackMs));
  };

  const replay = (id: string | undefined): Promise<Answer> => {
    const kept = id === undefined ? log.findLast((d) => d.kind !== 'event') : log.find((d) => d.id === id);
    if (!kept) throw new WorkspaceRefusal(`no delivery ${id ?? ''} to repeat`);
    const again: Delivery = { ...kept, id: slackId('DL'), at: store.now(), outcome: null };
    pushBounded(log, again, BOUNDS.deliveriesMax);
    if (kept.via === 'http') {
      const sent = postToApp(store.state.app.request_url, kept.body, kept.headers, ackMs);
      return finished(again, kept.kind, sent);
    }
    const payload = JSON.parse(kept.body) as Record<string, unknown>;
    return finished(again, kept.kind, sockets.send({ kind: kept.kind, payload }, ackMs));
  };

  const finished = async (delivery: Delivery, kind: DeliveryKind, sent: Promise<Answer>): Promise<Answer> => {
    const answer = await sent;
    settle(delivery, kind, answer);
    return answer;
  };

  return {
    send,
    async forge(forged) {
      const copies = Math.min(forged.copies ?? 1, COPIES_MAX);
      const once = (): Promise<Answer> => {
        if (forged.kind === 'replay') return replay(forged.delivery);
        const parcel = forgedParcel(store, forged);
        if (store.state.app.mode === 'http') return forgeHttp(forged, parcel);
        return finished(record(parcel, 'socket'), parcel.kind, sockets.send(parcel, ackMs));
      };
      const answers = await Promise.all(Array.from({ length: copies }, once));
      const all = answers.map((answer) => outcomeOf(answer, answer.error));
      return { ...(all[0] ?? outcomeOf(NO_ANSWER, null)), all };
    },
    log: () => log,
    clear() {
      log = [];
    },
  };
}

/** The parcel behind a forged delivery: the given payload, completed where a valid one needs more. */
function forgedParcel(store: Store, forged: Forged): Parcel {
  const payload = forged.payload ?? {};
  switch (forged.kind) {
    case 'command':
      return { kind: 'command', payload: { ...someCommand(store), ...payload } };
    case 'event':
      return { kind: 'event', payload: 'event' in payload ? payload : eventEnvelope(store, payload) };
    default:
      return { kind: 'raw', payload };
  }
}

function someCommand(store: Store): Record<string, string> {
  const user = Object.values(store.state.users)[0];
  const channel = Object.values(store.state.channels)[0];
  const command = store.state.app.commands[0]?.command ?? '/';
  if (!user || !channel) return {};
  return commandForm(store, { user, channel, command, text: '', triggerId: 'forged', responseUrl: '' });
}
