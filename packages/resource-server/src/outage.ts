/** The one error of this package that is thrown on purpose: somebody we need did not answer. */

/** Whom we could not ask. */
export type Silent = 'keys_unavailable' | 'revocations_unknown' | 'introspection_unavailable';

export class Outage extends Error {
  readonly because: Silent;

  constructor(because: Silent, options?: ErrorOptions) {
    super(because, options);
    this.name = 'Outage';
    this.because = because;
  }
}
