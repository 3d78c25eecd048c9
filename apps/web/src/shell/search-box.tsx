import { Input } from 'antd';
import { useEffect, useState } from 'react';
import { useLocation, useNavigate, useSearchParams } from 'react-router';

/** One search for the whole console: it leads to the ledger, keeping the filters that are set there. */
export function SearchBox() {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const asked = pathname === '/ledger' ? (params.get('search') ?? '') : '';
  const [words, setWords] = useState(asked);
  useEffect(() => setWords(asked), [asked]);

  const search = (text: string) => {
    const next = new URLSearchParams(pathname === '/ledger' ? params : undefined);
    if (text.trim() === '') next.delete('search');
    else next.set('search', text.trim());
    void navigate({ pathname: '/ledger', search: next.toString() });
  };
  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        document.getElementById('search')?.blur();
        search(words);
      }}
    >
      <Input
        id="search"
        aria-label="搜索问题"
        placeholder="搜索问题（按 / 键）"
        maxLength={60}
        allowClear
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          if (event.target.value === '' && asked !== '') search('');
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </form>
  );
}
