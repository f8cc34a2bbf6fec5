/** The face of the local Slack workspace: its engine, its server, its driver. */
export type * from './blocks.ts';
export { optionsOf } from './blocks.ts';
export type { Snapshot } from './control.ts';
export { type ChannelDriver, connectDriver, type WorkspaceDriver } from './driver.ts';
export type { ClickHow, PersonDriver } from './driver-person.ts';
export { buttonsIn, type SeenButton, type SeenField, type SeenMessage, type SeenModal } from './driver-seen.ts';
export { createEngine, DEFAULT_REQUEST_URL, type EngineOptions, type Timing } from './engine.ts';
export type * from './face.ts';
export { isLocalRequest, refuseForeign } from './http-io.ts';
export { dispatches, elementsOf, locate } from './locate.ts';
export type * from './model.ts';
export { APPROVALS, BOT_SCOPES, BOT_USER, OTHER_TEAM, TEAM } from './seed.ts';
export { type RunningWorkspace, startWorkspace, type WorkspaceOptions } from './start.ts';
export { WorkspaceRefusal } from './store.ts';
export { type Acting, actingParts, type Names, plainText, readable } from './text.ts';
export { plainValue } from './values.ts';
