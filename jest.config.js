// Three kinds of test, told apart by suffix: what it costs to run it.
//   unit     *.spec.ts        pure; no server, no disk
//   int      *.int.spec.ts    needs PostgreSQL or a real file system
//   stories  *.story.spec.ts  three agencies as real processes, or a browser
const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'require', 'default'] },
  transform: { '^.+\\.ts$': '@swc/jest' },
  // Servers start and stop inside hooks, on busy machines.
  testTimeout: 60_000,
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data', '<rootDir>/.cache'],
};
const roots = ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'];
module.exports = {
  testTimeout: 60_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      roots,
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.int\\.spec\\.ts$', '\\.story\\.spec\\.ts$'],
    },
    { ...common, displayName: 'int', roots, testMatch: ['**/*.int.spec.ts'] },
    { ...common, displayName: 'stories', roots, testMatch: ['**/*.story.spec.ts'] },
  ],
};
