// What a page shows instead of content: still loading, nothing there, or refused. Never a blank, never a code alone.
import { Button } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { asRefusal } from './refusal';
import { RefusalNote } from './refusal-note';

/** Grey bars, only after 300 ms: a fast answer must not flicker. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 300);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status" aria-label="正在读取">
      {late && Array.from({ length: lines }, (_, line) => <div key={line} className="loading-bar" />)}
    </div>
  );
}

export function Empty({ why, children }: { why: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p>{why}</p>
      {children}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const refusal = asRefusal(error);
  return (
    <div className="failed">
      <RefusalNote refusal={refusal} />
      {/* What is not there will not be there the next time either. */}
      {refusal.status === 404 ? <Link to="/ledger">回到问题台账</Link> : <Button onClick={onRetry}>重新读取</Button>}
    </div>
  );
}

type Reading<Data> = {
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
};

/** Shows a query: its data as soon as there is any, even if the last refresh failed (the live line tells that). */
export function Shown<Data>({ reading, children }: { reading: Reading<Data>; children: (data: Data) => ReactNode }) {
  if (reading.data !== undefined) return <>{children(reading.data)}</>;
  if (reading.error !== null) return <Failed error={reading.error} onRetry={() => void reading.refetch()} />;
  return <Loading />;
}
