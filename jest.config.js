const { availableParallelism } = require('node:os');

const swc = ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }];

/** Every suite. `npm test` leaves out `test/host` and `test/browser`, which `npm run test:machine` runs. */
module.exports = {
  testEnvironment: 'node',
  // The sources too, so that `--findRelatedTests` knows the suites of a file.
  roots: ['bin', 'guide', 'lab', 'lambda', 'lib', 'local', 'operate', 'review', 'storefront', 'test'].map(
    (folder) => `<rootDir>/${folder}`,
  ),
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.tsx?$': swc,
    'node_modules/hyparquet.+\\.js$': swc,
  },
  // They are ESM alone, which jest does not load.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet)'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Generous: a bound for hangs, not a promise of speed.
  testTimeout: 180_000 * Number(process.env.ROUNDS ?? 1),
  testSequencer: '<rootDir>/test/support/slowest-first.js',
  // Half more than there are cores: suites here wait for servers and processes as much as they compute.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
};
