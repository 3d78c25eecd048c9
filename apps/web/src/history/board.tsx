import { paths } from '#contracts/api';
import type { ForkFile, HeldLog, Holding, Reconciliation } from '#contracts/history';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { DataTable, type Column } from '../kit/data-table';
import { dateTime } from '../kit/format';
import { download, read } from '../kit/http';
import { agencyWords } from '../kit/labels';
import { keys } from '../kit/query-keys';
import { asRefusal, type Refusal } from '../kit/refusal';
import { RefusalNote } from '../kit/refusal-note';
import { Shown } from '../kit/states';
import { ExchangeBoard } from './exchange-board';
import { TotalsBoard } from './totals-board';

/** 对账: what each agency holds of each log (contexts.md F12). */
export function Board() {
  const board = useQuery({ queryKey: keys.reconciliation, queryFn: () => read<Reconciliation>(paths.reconciliation) });
  return (
    <section aria-labelledby="board-heading">
      <h2 id="board-heading">三方对账</h2>
      <Shown reading={board}>{(data) => <Content board={data} />}</Shown>
    </section>
  );
}

type Line = { readonly log: HeldLog; readonly holding: Holding };

function Content({ board: { logs, forks, cutOff } }: { readonly board: Reconciliation }) {
  const lines = logs.flatMap((log) => log.holdings.map((holding): Line => ({ log, holding })));
  const total = logs.reduce((sum, { size }) => sum + size, 0);
  return (
    <>
      <DataTable caption="本机关所存的各家日志" columns={ownColumns} rows={logs} rowKey={({ origin }) => origin} />
      <p className="sub">
        合计{total}条 = {logs.map(({ size }) => size).join(' + ')}，数据截至{dateTime(cutOff)}。
      </p>
      <h3>对方所存与本机关所存</h3>
      <DataTable
        caption="各机关所存的各家日志与本机关比较"
        columns={heldColumns}
        rows={lines}
        rowKey={({ log, holding }) => `${log.origin} ${holding.name}`}
      />
      <p className="sub">
        口径：各机关只在核验并存好之后才签名见证，所以它最近见证的大小就是它至少存有的条数。一致 =
        它签名的根与本机关在同一大小处的根相同；差 = 本机关所存条数 − 它已见证的条数。
      </p>
      <ExchangeBoard />
      <TotalsBoard />
      <Forks forks={forks} />
    </>
  );
}

const ownColumns: readonly Column<HeldLog>[] = [
  {
    key: 'log',
    title: '日志',
    width: 170,
    cell: ({ agency, own }) => `${agencyWords[agency]}${own ? '（本机关）' : ''}`,
  },
  { key: 'size', title: '条数', width: 90, right: true, cell: ({ size }) => size },
  {
    key: 'at',
    title: '最近签名或核验',
    width: 150,
    cell: ({ at, stopped }) => (stopped ? <span className="light-red">▲ 已停止接收</span> : dateTime(at)),
  },
  { key: 'root', title: '此处的根', cell: ({ root }) => <code>{root}</code> },
];

const heldColumns: readonly Column<Line>[] = [
  { key: 'log', title: '日志', width: 130, cell: ({ log }) => agencyWords[log.agency] },
  {
    key: 'holder',
    title: '存有者',
    width: 130,
    cell: ({ holding }) => (holding.agency === undefined ? holding.name : agencyWords[holding.agency]),
  },
  { key: 'size', title: '已见证', width: 90, right: true, cell: ({ holding }) => holding.size },
  {
    key: 'behind',
    title: '差',
    width: 70,
    right: true,
    cell: ({ log, holding }) => Math.max(0, log.size - holding.size),
  },
  { key: 'at', title: '最近见证', width: 150, cell: ({ holding }) => dateTime(holding.at) },
  { key: 'verdict', title: '比较', width: 220, cell: ({ holding }) => <Verdict holding={holding} /> },
  { key: 'root', title: '见证的根', cell: ({ holding }) => <code>{holding.root}</code> },
];

function Verdict({ holding: { verdict, difference, size } }: { readonly holding: Holding }) {
  switch (verdict) {
    case 'same':
      return <span className="light light-green">✓ 一致</span>;
    case 'unknown':
      return <span className="sub">{size === 0 ? '还没有见证' : '本机关还没有存到这里'}</span>;
    case 'differs':
      return (
        <span className="light light-red">
          ▲ 不一致{difference && `，首个不同在第${difference.from}至${difference.to - 1}条之间`}
        </span>
      );
  }
}

function Forks({ forks }: { readonly forks: readonly ForkFile[] }) {
  const [refusal, setRefusal] = useState<Refusal | undefined>();
  if (forks.length === 0) return <p className="sub">没有发现过前后矛盾的日志，没有证据文件。</p>;
  const keep = async ({ digest, name }: ForkFile) => {
    setRefusal(undefined);
    await download(paths.forkEvidence(digest), name).catch((error: unknown) => setRefusal(asRefusal(error)));
  };
  return (
    <>
      <h3>前后矛盾的证据</h3>
      <ul className="forks">
        {forks.map((fork) => (
          <li key={fork.digest}>
            <span className="light light-red">▲</span> {dateTime(fork.keptAt)} <code>{fork.origin}</code>{' '}
            签过两份互相矛盾的历史
            {fork.sizes.length === 2 && `（大小${fork.sizes.join('与')}条）`}{' '}
            <Button size="small" onClick={() => void keep(fork)}>
              下载证据
            </Button>
          </li>
        ))}
      </ul>
      <RefusalNote refusal={refusal} />
    </>
  );
}
