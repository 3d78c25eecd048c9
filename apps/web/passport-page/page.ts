// The page: takes in files and keys, and checks anew with everything that changes.
import type { Policy } from '#tlog/policy';
import { element, found, table } from './elements';
import { keyRows, readTrust } from './trust';
import { judge, sha256Hex } from './verdict';
import type { Verdict } from './verdict';
import { verdictDetails, verdictNote } from './verdict-view';

type Given = { readonly name: string; readonly bytes: Uint8Array };

let passport: Given | undefined;
let policy: Policy | undefined;
let verdict: Verdict | undefined;

export function openPage(): void {
  const trust = found<HTMLTextAreaElement>('trust');
  onFiles('passport', ([file]) => file && takePassport(file));
  onFiles('trust-file', ([file]) => file && takeTrust(textOf(file)));
  onFiles('evidence', takeEvidence);
  trust.addEventListener('input', () => believe(trust.value));
  found('compared').addEventListener('change', show);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('over');
  });
  document.addEventListener('dragleave', () => document.body.classList.remove('over'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('over');
    void givenFiles(event.dataTransfer?.files).then(sort);
  });
}

/** What was dropped says itself what it is. */
function sort(files: readonly Given[]): void {
  const isPassport = (file: Given) => textOf(file).startsWith('sanfang.passport/') || file.name.endsWith('.passport');
  const isTrust = (file: Given) => file.name.endsWith('.policy') || /^[^+\s]+\+[0-9a-f]{8}\+/.test(textOf(file));
  for (const file of files.filter(isPassport)) takePassport(file);
  const others = files.filter((file) => !isPassport(file));
  for (const file of others.filter(isTrust)) takeTrust(textOf(file));
  const evidence = others.filter((file) => !isTrust(file));
  if (evidence.length > 0) takeEvidence(evidence);
}

function takePassport(file: Given): void {
  passport = file;
  found('passport-name').textContent = `已选择${file.name}，${file.bytes.length}字节`;
  found('evidence-found').replaceChildren();
  show();
}

function takeTrust(text: string): void {
  found<HTMLTextAreaElement>('trust').value = text;
  believe(text);
}

/** Other keys have not been compared by anybody yet. */
function believe(text: string): void {
  const compared = found<HTMLInputElement>('compared');
  compared.checked = false;
  policy = undefined;
  let fault = '';
  try {
    policy = text.trim() === '' ? undefined : readTrust(text);
  } catch (error) {
    fault = `公钥读不懂：${(error as Error).message}。`;
  }
  compared.disabled = policy === undefined;
  found('trust-fault').textContent = fault;
  const rows = policy ? keyRows(policy) : [];
  const shown = rows.map(({ role, name, fingerprint }) => [role, name, element('code', '', fingerprint)]);
  const heads = ['种类', '名称', '指纹（公钥的SHA-256）'];
  found('keys').replaceChildren(...(rows.length === 0 ? [] : [table('请逐个核对的指纹', heads, shown)]));
  show();
}

function show(): void {
  const compared = found<HTMLInputElement>('compared').checked;
  verdict = passport && policy && judge(passport.bytes, policy, compared);
  found('evidence-step').hidden = verdict === undefined || verdict.evidence.length === 0;
  if (passport === undefined || verdict === undefined) {
    const needed = [...(passport ? [] : ['凭证包']), ...(policy ? [] : ['公钥'])].join('和');
    found('verdict').replaceChildren(element('p', '', `还没有核验：请先给出${needed}。`));
    return found('details').replaceChildren();
  }
  const file = `文件${passport.name}，${passport.bytes.length}字节，SHA-256 ${sha256Hex(passport.bytes)}。`;
  found('verdict').replaceChildren(verdictNote(verdict));
  found('details').replaceChildren(...verdictDetails(verdict, file));
}

function takeEvidence(files: readonly Given[]): void {
  const known = verdict?.evidence ?? [];
  const lines = files.map(({ name, bytes }) => {
    const hash = sha256Hex(bytes);
    const named = known.find((each) => each.sha256 === hash);
    const words = named
      ? `✓ ${name}：与凭证包中的“${named.name}”一致`
      : `▲ ${name}：不是凭证包中的任何一份，或已被改动`;
    return element('li', '', words, ' ', element('code', '', hash));
  });
  found('evidence-found').replaceChildren(...lines);
}

function onFiles(id: string, take: (files: readonly Given[]) => void): void {
  const input = found<HTMLInputElement>(id);
  input.addEventListener('change', () => {
    const chosen = givenFiles(input.files);
    // The same file again, after somebody has written it anew, is a choice too.
    input.value = '';
    void chosen.then(take);
  });
}

function givenFiles(files: FileList | null | undefined): Promise<Given[]> {
  return Promise.all(
    [...(files ?? [])].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
}

/** For guessing and for keys only; a passport is read strictly, as bytes. */
function textOf({ bytes }: Given): string {
  return new TextDecoder().decode(bytes);
}
