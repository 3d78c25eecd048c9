import { paths } from '#contracts/api';
import { Button } from 'antd';
import { useState } from 'react';
import { download } from '../kit/http';
import { RefusalNote } from '../kit/refusal-note';
import { asRefusal, type Refusal } from '../kit/refusal';

/** The issue with its proofs, in one file that anybody can check without us. */
export function PassportButton({ issueId }: { readonly issueId: string }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | undefined>();
  const keep = async () => {
    setBusy(true);
    setRefusal(undefined);
    await download(paths.passport(issueId), `${issueId}.passport`)
      .catch((error: unknown) => setRefusal(asRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button size="small" className="passport" loading={busy} onClick={() => void keep()}>
        下载凭证包
      </Button>
      <RefusalNote refusal={refusal} />
    </>
  );
}
