/** Names the parts of the workspace that person-side actions and the Web API work with. */

import type { Option } from './blocks.ts';
import type { Courier } from './courier.ts';
import type { Sockets } from './delivery-socket.ts';
import type { Faults } from './faults.ts';
import type { AppCredentials, Installs } from './installs.ts';
import type { Store } from './store.ts';
import type { Triggers } from './triggers.ts';
import type { Views } from './views.ts';

export interface Parts {
  store: Store;
  views: Views;
  triggers: Triggers;
  courier: Courier;
  sockets: Sockets;
  faults: Faults;
  /** What external selects last offered, by view, block and action. */
  offered: Map<string, Option[]>;
  installs: Installs;
  credentials: AppCredentials | undefined;
  /** The app's one redirect URL. */
  redirectUrl(): string;
  /** `http://127.0.0.1:PORT`, once the server listens. */
  origin(): string;
}
