/** Every suite. `npm test` leaves out `test/host` and `test/browser`, which `npm run test:machine` runs. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.tsx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Generous: a bound for hangs, not a promise of speed.
  testTimeout: 60_000,
  // Jest leaves a core free; suites here wait for servers and processes as much as they compute.
  maxWorkers: '100%',
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean'],
};
