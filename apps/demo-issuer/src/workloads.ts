/** The pipelines the demo CI system knows: what their job tokens say of them. The example policy recognises some of them. */

export interface DemoWorkload {
  readonly id: string;
  readonly about: string;
  readonly repository: string;
  readonly repositoryId: string;
  readonly repositoryOwnerId: string;
  readonly ref: string;
}

export const demoWorkloads: readonly DemoWorkload[] = [
  {
    id: 'payments-deploy',
    about: 'deploys the payments service, owned by the payments team',
    repository: 'acme/payments',
    repositoryId: '123',
    repositoryOwnerId: '42',
    ref: 'refs/heads/main',
  },
  {
    id: 'reports-nightly',
    about: 'another pipeline the policy knows; no rule lets it near the orders database',
    repository: 'acme/reports',
    repositoryId: '456',
    repositoryOwnerId: '42',
    ref: 'refs/heads/main',
  },
  {
    id: 'stranger',
    about: 'a pipeline of somebody else, under the same repository name: refused everywhere',
    repository: 'acme/payments',
    repositoryId: '999',
    repositoryOwnerId: '666',
    ref: 'refs/heads/main',
  },
];
