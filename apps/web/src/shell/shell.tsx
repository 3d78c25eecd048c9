import type { Me } from '#contracts/answers';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { KeyboardHelp } from '../kit/keyboard-help';
import { useLive } from '../kit/live';
import { Notice } from '../kit/notice';
import { isTyping, useShortcuts } from '../kit/shortcuts';
import { Failed, Loading } from '../kit/states';
import { useConsole, useMe } from '../session/session';
import { AlarmLine } from './alarm-line';
import { Header } from './header';
import { LiveLine } from './live-line';
import { Mishap } from './mishap';
import { SideMenu } from './side-menu';

/** Lets only signed-in users in; everyone else is sent to the sign-in and brought back afterwards. */
export function Shell() {
  const me = useMe();
  const { pathname, search } = useLocation();
  if (me.data === null) return <Navigate to={`/sign-in?next=${encodeURIComponent(pathname + search)}`} replace />;
  if (me.data !== undefined) return <Frame me={me.data} />;
  return (
    <main className="content">
      <h1 className="unseen">正在打开</h1>
      {me.error === null ? <Loading /> : <Failed error={me.error} onRetry={() => void me.refetch()} />}
    </main>
  );
}

function Frame({ me }: { me: Me }) {
  const [help, setHelp] = useState(false);
  const main = useRef<HTMLElement>(null);
  const served = useConsole().data;
  const { pathname } = useLocation();
  useLive();
  useShortcuts({
    '/': searchAnew,
    '?': () => setHelp(true),
  });
  useFocusOnArrival(main);
  return (
    <>
      <a className="skip" href="#main">
        跳到正文
      </a>
      <Header me={me} consoleName={served?.name ?? ''} onHelp={() => setHelp(true)} />
      <SideMenu role={me.role} marking={served?.marking ?? '内部系统，禁止上传涉密文件'} />
      <main className="content" id="main" tabIndex={-1} ref={main}>
        <AlarmLine />
        <LiveLine />
        <Mishap key={pathname}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Mishap>
      </main>
      <Notice />
      {help && <KeyboardHelp onClose={() => setHelp(false)} />}
    </>
  );
}

/** What stood there is replaced by the first key, not added to. */
function searchAnew(): void {
  const box = document.getElementById('search');
  if (!(box instanceof HTMLInputElement)) return;
  box.focus();
  box.select();
}

/** A page change is a new page for the keyboard and the screen reader too. */
function useFocusOnArrival(main: { current: HTMLElement | null }): void {
  const { pathname } = useLocation();
  const first = useRef(true);
  useEffect(() => {
    // Who has begun to type meanwhile keeps the cursor.
    if (!first.current && !isTyping(document.activeElement)) main.current?.focus({ preventScroll: true });
    first.current = false;
    window.scrollTo(0, 0);
  }, [main, pathname]);
}
