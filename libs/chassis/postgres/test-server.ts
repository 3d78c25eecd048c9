// Reads the one environment variable that tests of the database know; the environment is read in the chassis alone.

/** URL of an external server for tests, as a user who may create databases; undefined: an embedded one is started. */
export function testServerUrl(): string | undefined {
  return process.env['SANFANG_TEST_DATABASE_URL'] || undefined;
}
