import { appProcessesOf, processesOf } from '../../lab/servers/components';

const home = '/data/servers';
const phase3 = [
  { pid: 1, mark: `--datadir=${home}/aurora/data` },
  { pid: 2, mark: `--datadir=${home}/standby/data` },
  { pid: 3, mark: `shop-server:${home}/s3` },
  { pid: 4, mark: `shop-server:${home}/read-2` },
  { pid: 5, mark: `shop-server:${home}/read-1` },
  { pid: 6, mark: `shop-server:${home}/write-1` },
  { pid: 7, mark: `${home}/web/etc/nginx/nginx.conf` },
];

describe('the processes of a shop', () => {
  it('are components of the fleet, and which database writes may change', () => {
    expect(processesOf(phase3, 'aurora')).toEqual({
      ...{ database: [1], standby: [2], s3: [3], read: [4, 5], write: [6], nginx: [7] },
    });
    expect(processesOf(phase3, 'standby')).toMatchObject({ database: [2], standby: [1] });
  });

  it('are no app if they only move data', () => {
    const mover = { pid: 10, mark: `shop-server:${home}/users-mover` };
    expect(processesOf([mover], 'aurora')).toEqual({ 'users-mover': [10] });
    expect(appProcessesOf([mover], home)).toEqual([]);
  });

  it('are a reader and a cache as well from phase 4', () => {
    const phase4 = [
      ...phase3,
      { pid: 8, mark: `--datadir=${home}/reader/data` },
      { pid: 9, mark: `${home}/cache/cache.conf` },
    ];
    expect(processesOf(phase4, 'standby')).toMatchObject({
      ...{ database: [2], standby: [1], reader: [8], cache: [9] },
    });
  });

  it('leave out the database of the box once nobody uses it', () => {
    const phase2 = [
      { pid: 1, mark: `--datadir=${home}/box/data` },
      { pid: 2, mark: `--datadir=${home}/aurora/data` },
      { pid: 3, mark: `shop-server:${home}` },
    ];
    expect(processesOf(phase2, 'aurora')).toEqual({ database: [2], app: [3] });
  });

  it('of the app have the names of their logs', () => {
    expect(appProcessesOf(phase3, home).map(({ name, pid }) => [name, pid])).toEqual([
      ['read-2', 4],
      ['read-1', 5],
      ['write-1', 6],
    ]);
    expect(appProcessesOf([{ pid: 3, mark: `shop-server:${home}` }], home)).toEqual([
      { name: 'app', pid: 3 },
    ]);
  });
});
