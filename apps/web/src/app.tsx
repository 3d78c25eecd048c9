import { legacyLogicalPropertiesTransformer, StyleProvider } from '@ant-design/cssinjs';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import zhCN from 'antd/locale/zh_CN';
import { lazy } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { keys } from './kit/query-keys';
import { Refusal } from './kit/refusal';
import { styleNonce } from './kit/strict-page';
import { theme } from './kit/theme';
import { SignInPage } from './session/sign-in-page';
import { Allowed } from './shell/allowed';
import { NoPage } from './shell/no-page';
import { Shell } from './shell/shell';

const OverviewPage = lazy(() => import('./overview/overview-page').then((m) => ({ default: m.OverviewPage })));
const RoundPage = lazy(() => import('./round/round-page').then((m) => ({ default: m.RoundPage })));
const FeedbackListPage = lazy(() =>
  import('./feedback/feedback-list-page').then((m) => ({ default: m.FeedbackListPage })),
);
const FeedbackPage = lazy(() => import('./feedback/feedback-page').then((m) => ({ default: m.FeedbackPage })));
const LedgerPage = lazy(() => import('./ledger/ledger-page').then((m) => ({ default: m.LedgerPage })));
const IssuePage = lazy(() => import('./issue/issue-page').then((m) => ({ default: m.IssuePage })));
const VerificationPage = lazy(() =>
  import('./verification/verification-page').then((m) => ({ default: m.VerificationPage })),
);
const ClueListPage = lazy(() => import('./clue/clue-list-page').then((m) => ({ default: m.ClueListPage })));
const CluePage = lazy(() => import('./clue/clue-page').then((m) => ({ default: m.CluePage })));
const HistoryPage = lazy(() => import('./history/history-page').then((m) => ({ default: m.HistoryPage })));
const IssueHistoryPage = lazy(() =>
  import('./history/issue-history-page').then((m) => ({ default: m.IssueHistoryPage })),
);
const TaskPage = lazy(() => import('./task/task-page').then((m) => ({ default: m.TaskPage })));

const pages = [
  { path: '/', permission: 'overview.read', Component: OverviewPage },
  { path: '/rounds', permission: 'round.read', Component: RoundPage },
  { path: '/feedbacks', permission: 'feedback.read', Component: FeedbackListPage },
  { path: '/feedbacks/:feedbackId', permission: 'feedback.read', Component: FeedbackPage },
  { path: '/ledger', permission: 'ledger.read', Component: LedgerPage },
  { path: '/issues/:issueId', permission: 'issue.read', Component: IssuePage },
  { path: '/verifications', permission: 'verification.read', Component: VerificationPage },
  { path: '/clues', permission: 'clue.read', Component: ClueListPage },
  { path: '/clues/:handOverId', permission: 'clue.read', Component: CluePage },
  { path: '/history', permission: 'history.read', Component: HistoryPage },
  { path: '/history/:issueId', permission: 'history.read', Component: IssueHistoryPage },
  { path: '/tasks', permission: 'task.read', Component: TaskPage },
];

const client = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      if (error instanceof Refusal && error.status === 401) client.setQueryData(keys.session, null);
    },
  }),
  defaultOptions: {
    queries: {
      // Only what may pass by itself is asked again: no answer at all, or a view that is still catching up.
      retry: (count, error) => count < 2 && error instanceof Refusal && (error.status === 0 || error.status === 503),
      retryDelay: 800,
      staleTime: 15_000,
      networkMode: 'always',
    },
  },
});

/** Lists of choices open beside their box, inside the page's landmarks and not at the end of the document. */
function popupPlace(trigger?: HTMLElement): HTMLElement {
  if (trigger === undefined || trigger === document.body) return document.body;
  return trigger.parentElement ?? document.body;
}

export function App() {
  return (
    <StyleProvider hashPriority="high" transformers={[legacyLogicalPropertiesTransformer]}>
      <ConfigProvider
        locale={zhCN}
        theme={theme}
        csp={{ nonce: styleNonce }}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
        getPopupContainer={popupPlace}
      >
        <QueryClientProvider client={client}>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
        </QueryClientProvider>
      </ConfigProvider>
    </StyleProvider>
  );
}

function Pages() {
  return (
    <Routes>
      <Route path="/sign-in" element={<SignInPage />} />
      <Route element={<Shell />}>
        {pages.map(({ path, permission, Component }) => (
          <Route
            key={path}
            path={path}
            element={
              <Allowed permission={permission}>
                <Component />
              </Allowed>
            }
          />
        ))}
        <Route path="*" element={<NoPage />} />
      </Route>
    </Routes>
  );
}
