// What an agency may find when it checks itself (docs/spec/feed.md section 5): codes between programs, sentences for people.

const sentences = {
  root: '条目与已签名的树根不符',
  leftOut: '有一个应公开的事件没有写入日志',
  tile: '底层瓦片中的哈希与条目不符',
  bundle: '条目文件的内容与数据库中的条目不符',
  bundleEnd: '条目文件过早结束或多出内容',
  earlierFile: '较早大小的日志文件被改动',
  peerRoot: '所存的对方条目与对方已签名的树根不符,本机关的副本被改动',
  missing: '条目缺失',
  row: '数据库中的条目被改动',
  noEvent: '条目没有对应的存储事件',
  otherEvent: '条目对应的存储事件不是原来那一个',
  entry: '条目所说与存储的事件不一致',
  event: '存储的事件被改动,与已公布的承诺值不符',
  hash: '数据库中记录的条目哈希被改动',
  upperTile: '上层瓦片与其下的条目不符',
  checkpoint: '数据库中已签名的检查点被改动',
  head: '日志的进度记录与条目不符',
  cosigned: '见证方签过的检查点与本机关所存的日志不符',
  shown: '对外出示的检查点或公钥文件与本机关签名的不符',
  evidence: '证据文件的内容与其名称(哈希)不符',
  journalEvent: '存储的事件被改动,与私有日志已锚定的叶子不符',
  journalRow: '私有日志的记录缺失或被改动',
  journalHead: '私有日志的检查点不是本机关所签',
  view: '读模型与事件推算的结果不符',
} as const;

export type SelfFault = keyof typeof sentences;

/** Chinese words for a code; undefined for one that this version does not know. */
export function selfFaultWords(fault: unknown): string | undefined {
  return typeof fault === 'string' && Object.hasOwn(sentences, fault) ? sentences[fault as SelfFault] : undefined;
}
