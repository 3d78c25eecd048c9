import { paths } from '#contracts/api';
import { Button } from 'antd';
import { useState } from 'react';
import { download } from '../kit/http';
import { RefusalNote } from '../kit/refusal-note';
import { asRefusal, type Refusal } from '../kit/refusal';

/** The issue with its proofs, and what anybody needs to check it without us: the page and the keys. */
export function PassportButtons({ issueId }: { readonly issueId: string }) {
  const [busy, setBusy] = useState('');
  const [refusal, setRefusal] = useState<Refusal | undefined>();
  const keep = async (path: string, name: string) => {
    setBusy(path);
    setRefusal(undefined);
    await download(path, name)
      .catch((error: unknown) => setRefusal(asRefusal(error)))
      .finally(() => setBusy(''));
  };
  const button = (words: string, path: string, name: string) => (
    <Button size="small" className="passport" loading={busy === path} onClick={() => void keep(path, name)}>
      {words}
    </Button>
  );
  return (
    <>
      {button('下载凭证包', paths.passport(issueId), `${issueId}.passport`)}
      {button('下载公钥', paths.passportPolicy, 'sanfang.policy')}
      <a className="passport" href={paths.passportPage} download>
        离线核验页
      </a>
      <RefusalNote refusal={refusal} />
    </>
  );
}
