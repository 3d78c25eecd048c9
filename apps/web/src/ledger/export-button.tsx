import { paths, type LedgerQuery } from '#contracts/api';
import { Button } from 'antd';
import { useState } from 'react';
import { download } from '../kit/http';
import { RefusalNote } from '../kit/refusal-note';
import { asRefusal, type Refusal } from '../kit/refusal';
import { paramsOf } from './ledger-query';

/** The list as it is filtered, as a spreadsheet in the customary columns. */
export function ExportButton({ query }: { readonly query: LedgerQuery }) {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | undefined>();
  const keep = async () => {
    setBusy(true);
    setRefusal(undefined);
    await download(`${paths.exportLedger}?${paramsOf(query).toString()}`, '整改台账.xlsx')
      .catch((error: unknown) => setRefusal(asRefusal(error)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      <Button loading={busy} onClick={() => void keep()}>
        导出台账
      </Button>
      <RefusalNote refusal={refusal} />
    </>
  );
}
