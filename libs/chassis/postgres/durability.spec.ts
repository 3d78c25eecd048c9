import { assertDurable, NotDurable } from './durability';

const sound: Record<string, string> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  data_sync_retry: 'off',
  data_checksums: 'on',
  server_version_num: '150018',
  server_encoding: 'UTF8',
};
const server = (changed: Record<string, string>) => () =>
  Promise.resolve({ rows: Object.entries({ ...sound, ...changed }).map(([name, setting]) => ({ name, setting })) });
const faultsOf = async (changed: Record<string, string>) => {
  const error: unknown = await assertDurable(server(changed)).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(NotDurable);
  return (error as NotDurable).faults;
};

describe('durability of a server', () => {
  it('is accepted when every setting holds, from version 15 on', async () => {
    await expect(assertDurable(server({}))).resolves.toEqual([]);
    await expect(assertDurable(server({ synchronous_commit: 'remote_apply' }))).resolves.toEqual([]);
  });

  it.each([
    ['fsync', 'off'],
    ['full_page_writes', 'off'],
    ['synchronous_commit', 'off'],
    ['synchronous_commit', 'local'],
    ['synchronous_commit', 'remote_write'],
    ['data_sync_retry', 'on'],
    ['server_version_num', '140011'],
    ['server_encoding', 'SQL_ASCII'],
  ])('is refused when %s is %s', async (name, setting) => {
    expect(await faultsOf({ [name]: setting })).toHaveLength(1);
  });

  it('is refused with every fault at once, so that an operator mends them in one go', async () => {
    expect(await faultsOf({ fsync: 'off', synchronous_commit: 'off', server_encoding: 'EUC_CN' })).toHaveLength(3);
  });

  it('is refused when the server does not say', async () => {
    await expect(assertDurable(() => Promise.resolve({ rows: [] }))).rejects.toThrow('fsync is unknown');
  });

  it('only warns of absent checksums on an external server, and refuses them on an embedded one', async () => {
    const unchecked = server({ data_checksums: 'off' });
    await expect(assertDurable(unchecked)).resolves.toEqual([expect.stringContaining('data_checksums')]);
    await expect(assertDurable(unchecked, 'embedded')).rejects.toThrow('data_checksums');
  });
});
