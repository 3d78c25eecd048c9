import type { Me, RoundList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { send, read } from '../kit/http';
import { say } from '../kit/notice';
import { forgetPosition } from '../kit/positions';
import { keys } from '../kit/query-keys';
import { asRefusal } from '../kit/refusal';
import { uuid } from '../kit/submission';
import { SearchBox } from './search-box';
import { TodoLink } from './todo-link';

type Props = { readonly me: Me; readonly consoleName: string; readonly onHelp: () => void };

export function Header({ me, consoleName, onHelp }: Props) {
  return (
    <header className="header">
      <span className="console-name">{consoleName}</span>
      <CurrentRound />
      <SearchBox />
      <span className="header-end">
        <TodoLink />
        <Button type="text" size="small" onClick={onHelp}>
          键盘操作
        </Button>
        <span className="who">
          {me.name}
          <span className="sub">
            {me.roleLabel}
            {me.unitName === undefined ? '' : ` · ${me.unitName}`}
          </span>
        </span>
        <SignOut />
      </span>
    </header>
  );
}

/** The round at work; with several of them none is singled out. */
function CurrentRound() {
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) });
  const running = rounds.data?.rounds.filter(({ closed }) => !closed) ?? [];
  if (running.length === 0) return null;
  return <span className="round">{running.length === 1 ? running[0]?.name : `${running.length}个轮次进行中`}</span>;
}

function SignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  async function leave(): Promise<void> {
    try {
      await send(paths.session, {}, { method: 'DELETE', commandId: uuid() });
    } catch (error) {
      const refused = asRefusal(error);
      if (refused.status !== 401) return say(refused.message);
    }
    // Nothing of this user may be left for the next one at the same desk.
    forgetPosition();
    client.clear();
    client.setQueryData(keys.session, null);
    await navigate('/sign-in', { replace: true });
  }
  return (
    <Button size="small" onClick={() => void leave()}>
      退出
    </Button>
  );
}
