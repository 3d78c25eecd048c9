import type { ReactNode } from 'react';

type Props = {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
};

/** Frame of every page: one first-level heading, the browser's title, and room for what belongs beside the heading. */
export function Page({ title, aside, children }: Props) {
  return (
    <div className="page">
      <title>{`${title} · 整改监督`}</title>
      <div className="page-head">
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}
