import type { FeedbackLine, FeedbackList, RoundList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { read } from '../kit/http';
import { Page } from '../kit/page';
import { keys } from '../kit/query-keys';
import { useRowKeys } from '../kit/row-keys';
import { Empty, Shown } from '../kit/states';
import { WitnessBadge } from '../kit/witness-badge';
import { UploadForm } from './upload-form';
import './feedback.css';

export function FeedbackListPage() {
  const feedbacks = useQuery({
    queryKey: keys.feedbacks,
    queryFn: () => read<FeedbackList>(paths.feedbacks),
  });
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) });
  return (
    <Page title="反馈导入">
      <Shown reading={rounds}>
        {(list) => {
          const open = list.rounds.filter(({ closed }) => !closed);
          if (open.length > 0) return <UploadForm rounds={open} />;
          return (
            <Empty why="没有正在进行的轮次，不能导入反馈意见。">
              <Link to="/rounds">新建轮次</Link>
            </Empty>
          );
        }}
      </Shown>
      <Shown reading={feedbacks}>{(list) => <Imported feedbacks={list} rounds={rounds.data?.rounds ?? []} />}</Shown>
    </Page>
  );
}

type Props = { readonly feedbacks: FeedbackList; readonly rounds: RoundList['rounds'] };

function Imported({ feedbacks, rounds }: Props) {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<string | undefined>();
  useRowKeys(
    feedbacks.map(({ feedbackId }) => feedbackId),
    chosen,
    setChosen,
  );
  const roundName = (roundId: string) => rounds.find((round) => round.roundId === roundId)?.name ?? '';
  const columns: readonly Column<FeedbackLine>[] = [
    {
      key: 'file',
      title: '文件',
      cell: (line) => <Link to={`/feedbacks/${line.feedbackId}`}>{line.fileName}</Link>,
    },
    { key: 'round', title: '轮次', width: 200, cell: (line) => roundName(line.roundId) },
    { key: 'date', title: '反馈日期', width: 110, cell: (line) => line.feedbackDate },
    { key: 'declared', title: '声明问题数', width: 100, right: true, cell: (line) => line.declaredIssues ?? '未写' },
    { key: 'found', title: '找到', width: 80, right: true, cell: (line) => line.found },
    {
      key: 'state',
      title: '状态',
      width: 110,
      cell: ({ state, witness }) => (
        <>
          {state === 'frozen' ? (
            <span className="chip chip-closedOut">已冻结</span>
          ) : (
            <span className="chip chip-rectifying">待核对</span>
          )}{' '}
          <WitnessBadge status={witness} />
        </>
      ),
    },
  ];
  return (
    <section aria-labelledby="imported-heading">
      <h2 id="imported-heading">已导入 {feedbacks.length}</h2>
      {feedbacks.length === 0 ? (
        <p className="sub">还没有导入反馈意见。</p>
      ) : (
        <DataTable
          caption="已导入的反馈意见"
          columns={columns}
          rows={feedbacks}
          rowKey={({ feedbackId }) => feedbackId}
          chosen={chosen}
          onChoose={({ feedbackId }) => void navigate(`/feedbacks/${feedbackId}`)}
        />
      )}
    </section>
  );
}
