// The verdict on the page: the sentence, how it is known in three lines, what the file tells, and the figures.
import { element, folded } from './elements';
import type { Content } from './elements';
import { how, meaning } from './verdict';
import type { LogFacts, Verdict } from './verdict';

const signs: Readonly<Record<Verdict['state'], string>> = { ok: '✓', partial: '◆', failed: '▲' };

export function verdictNote({ state, sentence, remedy, exact }: Verdict): Content {
  const sign = element('span', '', `${signs[state]} `);
  sign.setAttribute('aria-hidden', 'true');
  return element(
    'div',
    `verdict ${state}`,
    element('p', 'sentence', sign, sentence),
    ...(remedy === '' ? [] : [element('p', '', remedy)]),
    ...(exact === '' ? [] : [element('p', '', '确切原因：', element('code', '', exact))]),
    ...meaning.map((line) => element('p', '', line)),
  );
}

/** @param file what was checked, for whoever keeps the paper */
export function verdictDetails({ cover, logs }: Verdict, file: string): Content[] {
  const steps = how.map((line) => element('li', '', line));
  const told =
    cover.length === 0 ? [] : [element('h3', '', '谁在何时说了什么'), element('pre', 'cover', cover.join('\n'))];
  return [
    ...told,
    folded('怎么做到的', element('ol', '', ...steps)),
    folded(
      '技术细节',
      element('p', 'sub', file),
      ...logs.map(logFacts),
      element(
        'p',
        'sub',
        '签名Ed25519，树RFC 6962，格式C2SP tlog-checkpoint、tlog-cosignature、tlog-proof。时间为北京时间。',
      ),
    ),
  ];
}

function logFacts({ origin, size, root, indexes, cosignatures, strangers, rule }: LogFacts): Content {
  const rows: [string, string][] = [
    ['日志', origin],
    ['大小', `${size}条`],
    ['根', root],
    ['证明在其中的', `第${indexes.join('、')}条（序号从0起）`],
    ...cosignatures.map(({ name, at, fingerprint }): [string, string] => [
      '见证',
      `${at} ${name} 公钥指纹${fingerprint}`,
    ]),
    ...(strangers === 0 ? [] : [['未验的签名', `${strangers}个，公钥未给出`] as [string, string]]),
    ['您的规则', rule],
  ];
  return element('dl', '', ...rows.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)]));
}
