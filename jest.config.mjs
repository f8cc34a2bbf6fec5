// One Jest for the whole repository: native ESM, TypeScript sources read through the @sallyport/source condition, no build.
export default {
  roots: ['<rootDir>/apps', '<rootDir>/packages', '<rootDir>/examples'],
  testMatch: ['**/src/**/*.test.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testSequencer: '<rootDir>/infra/local/long-tests-first.mjs',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@sallyport/source', 'node', 'node-addons'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  coverageProvider: 'v8',
  // A bound for what hangs, not for what is slow: keys are made and stores are started on two shared cores.
  testTimeout: 60_000,
};
